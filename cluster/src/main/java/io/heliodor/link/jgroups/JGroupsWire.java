package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import io.heliodor.link.WireException;
import io.heliodor.link.jgroups.socket.Connector;
import io.heliodor.link.jgroups.socket.CookieKey;
import io.heliodor.link.jgroups.socket.CookieSecret;
import io.heliodor.link.jgroups.socket.DataConnections;
import io.heliodor.link.jgroups.socket.HandshakeAcceptor;
import io.heliodor.link.jgroups.socket.Hello;
import io.heliodor.link.jgroups.socket.HelloReply;
import io.heliodor.link.jgroups.socket.ListeningSocket;
import io.heliodor.link.jgroups.socket.NodeIdentity;
import io.heliodor.link.jgroups.socket.PeerSockets;
import io.heliodor.link.jgroups.socket.PeerTls;
import io.heliodor.link.jgroups.socket.Prober;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Wire} over JGroups. The two ends of each connection authenticate each other before JGroups gets a byte of
 * it.
 *
 * <p>An array that was passed to {@link #send} must not change afterwards. A thread that waits in {@code send}
 * continues when the peer takes packets again, when a view is without the peer, or when the wire is closed. An
 * interrupt is noticed before and after the wait.
 *
 * <p>It changes two things for the whole JVM, see {@link PayloadFilter}: JGroups' filter of serialized objects is set
 * if there is none, and its factory of object messages is replaced by one that treats other channels as before. JGroups'
 * factory of logs is replaced while the stack is built, see {@link StackLog}.
 */
public final class JGroupsWire implements Wire {

    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long CONNECT_RETRY_MILLIS = 300;
    private static final List<Long> COMPARE_VIEWS_AT_MILLIS = List.of(100L, 300L, 700L, 1_500L);
    private static final long LEAVE_RETRY_MILLIS = 300;

    private final WireSettings settings;
    private final EventDispatcher events;
    private final ListeningSocket listening;
    private final ScheduledThreadPoolExecutor timer;
    private final Prober prober;
    private final PeerSockets sockets;
    private final DataConnections data;
    private final ProtocolStack stack;
    private final LostConnections lost;
    private final JChannel channel;
    private final AtomicReference<ViewMembers> members = new AtomicReference<>(ViewMembers.EMPTY);
    private final ViewReceiver views;
    private final HandshakeAcceptor acceptor;
    private final AbsentSeeds absentSeeds;

    /** Held while this node joins, leaves or closes. */
    private final ReentrantLock joining = new ReentrantLock();

    /** Whether this node has left the cluster, and accepts no connections until {@link #connect}. */
    private volatile boolean alone;

    /** Written with {@link #joining}. */
    private volatile boolean closed;

    private JGroupsWire(WireSettings settings, Listener listener, ListeningSocket listening) {
        this.settings = settings;
        this.listening = listening;
        events = new EventDispatcher(listener);
        int port = listening.socket().getLocalPort();
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("heliodor-wire-" + port).factory());
        timer.setRemoveOnCancelPolicy(true);
        // A handshake that began before close() needs no timeout any more: its socket is closed.
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        PeerTls tls = settings.tls()
                .map(PeerTls::of)
                .orElseGet(() -> PeerTls.of(settings.cookie().stream()
                        .map(secret -> secret.key(settings.cluster()))
                        .toList()));
        Duration timeout = settings.timing().handshake();
        NodeIdentity identity =
                new NodeIdentity(settings.self(), listening.advertised(), settings.realm(), settings.versions());
        Connector connector = new Connector(tls, identity, timeout, timer);
        prober = new Prober(connector);
        sockets = new PeerSockets(
                connector,
                timer,
                port,
                at -> members.get().memberAt(at),
                peer -> lost().exclude(peer),
                peer -> lost().ended(peer),
                settings.timing().silence());
        data = new DataConnections(connector, this::directly, events::wayEnded, events::received);
        views = new ViewReceiver(events, members, data::members);
        absentSeeds = new AbsentSeeds(settings.seeds(), listening.advertised(), prober);
        try (StackLog _ = StackLog.install()) {
            stack = ProtocolStack.of(settings, listening, sockets, data, events, peer -> lost().recover(peer));
            channel = new JChannel(stack.protocols());
        } catch (Exception e) {
            throw new IllegalStateException("The stack of JGroups cannot be built.", e);
        }
        lost = new LostConnections(settings, members, () -> alone, stack, sockets, data, events, prober);
        channel.name(settings.self().node());
        channel.addAddressGenerator(() -> PeerAddresses.of(settings.self(), listening.advertised()));
        channel.setReceiver(views);
        acceptor = new HandshakeAcceptor(listening.socket(), tls, timeout, timer, sockets, data, new HandshakePolicy());
    }

    /**
     * Starts a wire: probes the seeds, joins those that accept it, or begins a cluster. Blocks for about a second,
     * longer if seeds do not answer. The listener gets the first view before this returns.
     *
     * @param settings the settings
     * @param listener called by many threads, as {@link Listener} states; must not block, and must not close the wire
     * @return the wire; this node is a member of a view
     * @throws WireException when the cookie is too weak, the address cannot be bound, seeds refuse and none accepts, or
     *     a node of this name is alive
     * @throws InterruptedException when interrupted; the wire is closed then
     */
    public static JGroupsWire start(WireSettings settings, Listener listener)
            throws WireException, InterruptedException {
        boolean loopback = settings.bind().getAddress().isLoopbackAddress();
        if (settings.cookie().isEmpty() && settings.tls().isEmpty() && !loopback) {
            throw new WireException(
                    WireException.Code.BAD_COOKIE,
                    "Without a cookie a node listens at a loopback address only, not at "
                            + settings.bind().getHostString() + ".");
        }
        if (settings.cookie().isEmpty() && settings.tls().isEmpty()) {
            WireLog.LOG.info(
                    "This node has no cookie: any process of this machine can join it, and nothing between nodes is encrypted.");
        }
        for (CookieSecret secret : settings.cookie()) {
            CookieKey.check(secret.text(), loopback);
        }
        PayloadFilter.install();
        ListeningSocket listening = ListeningSocket.bind(settings.bind(), settings.advertised());
        boolean started = false;
        try {
            JGroupsWire wire = new JGroupsWire(settings, listener, listening);
            try {
                wire.join();
                started = true;
                return wire;
            } finally {
                if (!started) {
                    wire.close();
                }
            }
        } finally {
            if (!started) {
                listening.close();
            }
        }
    }

    private void join() throws WireException, InterruptedException {
        // The first handshake of a JVM is slow. Without this one, nodes that start together would not find each other
        // in time.
        prober.mayBeAlive(settings.self(), listening.local());
        Set<InetSocketAddress> seeds = new LinkedHashSet<>(settings.seeds().addresses());
        seeds.remove(listening.advertised());
        boolean formed = new JoinCheck(settings.self(), listening.advertised(), prober).check(seeds);
        stack.membership().join(formed, this::connectChannel);
        if (!seeds.isEmpty()) {
            // Nodes that started together, and did not find each other, merge soon.
            COMPARE_VIEWS_AT_MILLIS.forEach(millis -> sockets.after(millis, this::compareViews));
            watchSeeds();
        }
    }

    /** Looks for absent seeds until none is left. */
    private void watchSeeds() {
        sockets.after(
                AbsentSeeds.AFTER_MILLIS,
                () -> Thread.ofVirtual().start(() -> {
                    if (reportAbsentSeeds()) {
                        watchSeeds();
                    }
                }));
    }

    /**
     * Logs the seeds that are not in the view, unless this node has disconnected. Blocks.
     *
     * @return whether some are not; also true of a node that has disconnected and may connect again
     */
    boolean reportAbsentSeeds() {
        if (closed) {
            return false;
        }
        try {
            return alone
                    || !channel.isConnected()
                    || absentSeeds.report(members.get().reachedAt(), views.met());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Requests the ids of the views of the seeds and all members, so that parts merge. */
    void compareViews() {
        if (!alone && channel.isConnected()) {
            stack.merging().sendInfo();
        }
    }

    private void connectChannel() {
        try {
            channel.connect(settings.cluster());
        } catch (Exception e) {
            throw new IllegalStateException("JGroups does not start.", e);
        }
    }

    private LostConnections lost() {
        return lost;
    }

    DataConnections data() {
        return data;
    }

    ProtocolStack stack() {
        return stack;
    }

    @Override
    public Peer self() {
        return settings.self();
    }

    /**
     * The address at which others reach this node.
     *
     * @return an address and the port, which was chosen if none was given
     */
    public InetSocketAddress address() {
        return listening.advertised();
    }

    /**
     * The number of members that are reached through another member, because the link to them is broken.
     *
     * @return 0 or more
     */
    public long detours() {
        return stack.detour().hops();
    }

    /**
     * The member through which packets go to a peer, because the link to it is broken.
     *
     * @param peer the peer
     * @return empty if packets go directly
     */
    public Optional<Peer> through(Peer peer) {
        return stack.detour().through(peer);
    }

    /**
     * The version of the protocol between this node and a member.
     *
     * @param peer the member
     * @return empty without a connection
     */
    public OptionalInt version(Peer peer) {
        return sockets.version(peer);
    }

    /**
     * The number of packets that this node has forwarded, for members that do not reach each other.
     *
     * @return 0 or more, since the start
     */
    public long forwarded() {
        return stack.detour().forwarded();
    }

    /**
     * The number of connections to the port of this node that were closed before the end of their handshake, because there
     * were too many.
     *
     * @return 0 or more, since the start
     */
    public long handshakesDropped() {
        return acceptor.dropped();
    }

    @Override
    public void send(Peer to, byte[] packet) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Address address = members.get().addresses().get(to);
        if (address == null) {
            return;
        }
        try {
            channel.send(new BytesMessage(address, packet));
        } catch (Exception e) {
            WireLog.LOG.debug("A packet to {} was not sent.", to, e);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public @Nullable Way way(Peer to) {
        return data.to(to);
    }

    /** The address for a connection to a member: packets go to it directly, and its release has such connections. */
    private Optional<InetSocketAddress> directly(Peer to) {
        boolean direct = version(to).orElse(1) >= ProtocolVersions.DATA
                && !lost.isSilent(to)
                && stack.detour().through(to).isEmpty();
        return direct ? Optional.ofNullable(members.get().reachedAt().get(to)) : Optional.empty();
    }

    @Override
    public List<String> absentSeeds() {
        return alone ? List.of() : absentSeeds.now();
    }

    @Override
    public boolean hasInput(Peer from) {
        return data.hasInput(from);
    }

    @Override
    public boolean takesParts(Peer to) {
        return version(to).orElse(1) >= ProtocolVersions.PARTS;
    }

    /**
     * Merges the cluster of this node with that of the node at an address. Blocks until that node is in the view of
     * this one, at most for 10 s.
     *
     * @param to the address
     * @throws WireException when the node refuses, is not reached, or did not become a member in time
     * @throws InterruptedException when interrupted; it may become a member nevertheless
     */
    public void connect(InetSocketAddress to) throws WireException, InterruptedException {
        long deadline = System.nanoTime() + CONNECT_NANOS;
        InetSocketAddress address = to.isUnresolved() ? new InetSocketAddress(to.getHostString(), to.getPort()) : to;
        if (address.equals(listening.advertised())) {
            return;
        }
        if (address.isUnresolved()) {
            throw new WireException(WireException.Code.UNREACHABLE, "The name of " + to + " has no address.");
        }
        Prober.Result result = prober.probe(List.of(address)).getFirst();
        Peer peer = switch (result) {
            case Prober.Result.Accepted(var _, var reply) -> reply.from();
            case Prober.Result.Refused(var _, var why) ->
                throw new WireException(WireException.Code.REFUSED, to + " refused this node: " + why);
            case Prober.Result.Unreached(var _, var why) ->
                throw new WireException(WireException.Code.UNREACHABLE, "No node at " + to + ": " + why);
            case Prober.Result.Closed(var _, var why) ->
                throw new WireException(WireException.Code.UNREACHABLE, "No reply from " + to + ": " + why);
        };
        joining.lock();
        try {
            alone = false;
            stack.seeds().quiet(false);
            stack.seeds().add(address);
        } finally {
            joining.unlock();
        }
        sockets.tryAgain(address);
        while (members.get().addresses().get(peer) == null) {
            if (System.nanoTime() - deadline >= 0) {
                throw new WireException(
                        WireException.Code.TIMEOUT, "The node at " + to + " did not become a member in time.");
            }
            stack.merging().sendInfo();
            Thread.sleep(CONNECT_RETRY_MILLIS);
        }
    }

    /**
     * Leaves the cluster. This node goes on alone, and accepts no connections until {@link #connect}. The other members
     * get a view without it. Blocks for about a second.
     */
    public void disconnect() {
        joining.lock();
        try {
            if (closed || alone) {
                return;
            }
            alone = true;
            stack.seeds().quiet(true);
            long next = views.suspend();
            leave(channel::disconnect);
            stack.merging().quiet(false);
            stack.membership().stay();
            connectChannel();
            // The numbers of a node's views grow, but those of JGroups begin anew.
            Address self = channel.getAddress();
            views.resume(next);
            stack.membership().installView(org.jgroups.View.create(self, next, self));
        } finally {
            joining.unlock();
        }
    }

    @Override
    public void close() {
        joining.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            lost.close();
            data.interrupt();
            leave(channel::close);
            events.close();
            acceptor.close();
            data.close();
            sockets.close();
            timer.shutdownNow();
        } finally {
            joining.unlock();
        }
    }

    private void leave(Runnable how) {
        stack.merging().quiet(true);
        boolean interrupted = false;
        try {
            stack.membership().prepareToLeave();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        var retries = timer.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().start(stack.membership()::resendLeave),
                LEAVE_RETRY_MILLIS,
                LEAVE_RETRY_MILLIS,
                TimeUnit.MILLISECONDS);
        how.run();
        retries.cancel(false);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class HandshakePolicy implements HandshakeAcceptor.Policy {
        @Override
        public HelloReply reply(Hello hello) {
            HelloReply.Verdict verdict = verdict(hello);
            boolean withMembers = hello.purpose() == Hello.Purpose.PROBE && verdict == HelloReply.Verdict.ACCEPTED;
            return new HelloReply(
                    verdict,
                    settings.versions().negotiate(hello.versions()),
                    settings.self(),
                    withMembers ? members.get().reachedAt() : Map.of());
        }

        private HelloReply.Verdict verdict(Hello hello) {
            if (!hello.cluster().equals(settings.realm())) {
                return HelloReply.Verdict.OTHER_CLUSTER;
            }
            if (!settings.versions().overlaps(hello.versions())) {
                return HelloReply.Verdict.OTHER_VERSION;
            }
            if (hello.from().equals(settings.self())) {
                return HelloReply.Verdict.SELF;
            }
            if (hello.purpose() == Hello.Purpose.DECLARE_DEAD) {
                hello.expected().ifPresent(lost::exclude);
                return HelloReply.Verdict.ACCEPTED;
            }
            if (hello.expected().isPresent() && !hello.expected().get().equals(settings.self())) {
                return HelloReply.Verdict.OTHER_PEER;
            }
            return alone || !sockets.isAccepting() ? HelloReply.Verdict.ALONE : HelloReply.Verdict.ACCEPTED;
        }

        @Override
        public boolean isStranger(InetAddress address) {
            return members.get().reachedAt().values().stream()
                    .noneMatch(member -> member.getAddress().equals(address));
        }
    }
}
