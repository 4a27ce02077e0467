package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;

/**
 * A wire over JGroups. Both ends of each connection prove that they know the cookie, and say who they are, before JGroups
 * sees a byte of it.
 *
 * <p>An array that was given to {@link #send} must not be changed any more. A thread that waits in it is set free when the
 * peer takes packets again, when a view is without the peer, or when the wire is closed; an interrupt is noticed before
 * and after that.
 *
 * <p>Two things are done to the whole JVM, see {@code docs/design}: JGroups' filter of serialized objects is set unless it
 * is, and its creator of object messages is replaced by one that treats other channels as before.
 */
public final class JGroupsWire implements Wire {
    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long ASK_AGAIN_MILLIS = 300;
    private static final List<Long> LOOK_AGAIN_MILLIS = List.of(100L, 300L, 700L, 1_500L);
    private static final long LEAVE_AGAIN_MILLIS = 300;

    private final WireSettings settings;
    private final EventDispatcher reports;
    private final ListeningSocket place;
    private final ScheduledThreadPoolExecutor timer;
    private final Prober probing;
    private final PeerSockets sockets;
    private final ProtocolStack stack;
    private final JChannel channel;
    private final HandshakeAcceptor door;
    /** Held while it joins, leaves or closes. */
    private final ReentrantLock joining = new ReentrantLock();

    /** Held while a view is told, so that none is under way when this node leaves. */
    private final Object viewing = new Object();

    private volatile ViewMembers roster = ViewMembers.EMPTY;
    /** Views with a lower number are ignored; guarded by {@code viewing}. */
    private long floor;

    private volatile boolean alone;
    private boolean closed;

    private JGroupsWire(WireSettings settings, Listener listener, ListeningSocket place) {
        this.settings = settings;
        this.place = place;
        reports = new EventDispatcher(listener);
        int port = place.listening().getLocalPort();
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("heliodor-wire-" + port).factory());
        timer.setRemoveOnCancelPolicy(true);
        // What has begun when the wire is closed needs no time limit any more: its socket is closed.
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        Tls tls = settings.tls()
                .map(Tls::of)
                .orElseGet(() -> Tls.of(settings.cookie().stream()
                        .map(secret -> secret.key(settings.cluster()))
                        .toList()));
        Connector caller = new Connector(tls, settings, place.advertised(), timer);
        probing = new Prober(caller);
        sockets = new PeerSockets(caller, timer, port, this::memberAt, this::declareDead, this::ended);
        stack = ProtocolStack.of(settings, place, sockets, reports);
        try {
            channel = new JChannel(stack.protocols());
        } catch (Exception e) {
            throw new IllegalStateException("The stack of JGroups cannot be built.", e);
        }
        channel.name(settings.self().node());
        channel.addAddressGenerator(() -> PeerAddresses.of(settings.self(), place.advertised()));
        channel.setReceiver(new FromJGroups());
        door = new HandshakeAcceptor(
                place.listening(), tls, settings.timing().handshake().toMillis(), timer, new ForDoor());
    }

    /**
     * Starts a wire: asks the seeds, joins those that accept, or begins a cluster. Blocks for about a second, longer if
     * seeds do not answer. Views are told before it returns.
     *
     * @param settings what it needs to know
     * @param listener is told what happens, by many threads as {@link Listener} says; must not block, and not close the
     *     wire
     * @return the wire; this node is a member of a view
     * @throws WireException when the cookie is not good enough, the address cannot be listened at, seeds refuse and none
     *     accepts, or a node of this name is alive
     * @throws InterruptedException when interrupted; it is closed again then
     */
    public static JGroupsWire start(WireSettings settings, Listener listener)
            throws WireException, InterruptedException {
        boolean loopback = settings.bind().getAddress().isLoopbackAddress();
        if (settings.cookie().isEmpty() && settings.tls().isEmpty() && !loopback) {
            throw CookieKey.bad("Without a cookie a node listens at a loopback address only, not at "
                    + settings.bind().getHostString() + ".");
        }
        for (CookieSecret secret : settings.cookie()) {
            CookieKey.check(secret.text(), loopback);
        }
        PayloadFilter.restrict();
        ListeningSocket place = ListeningSocket.take(settings.bind(), settings.advertised());
        boolean started = false;
        try {
            JGroupsWire wire = new JGroupsWire(settings, listener, place);
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
                place.close();
            }
        }
    }

    private void join() throws WireException, InterruptedException {
        // The first handshake of a JVM is slow: nodes that start at once would not find each other in time.
        probing.isAlive(settings.self(), place.here());
        Set<InetSocketAddress> seeds = new LinkedHashSet<>(settings.seeds().addresses());
        seeds.remove(place.advertised());
        boolean formed = new Admission(settings.self(), place.advertised(), probing).seek(seeds);
        stack.views().join(formed, this::connectChannel);
        if (!seeds.isEmpty()) {
            // Who started at the same time, and was not found, is now.
            LOOK_AGAIN_MILLIS.forEach(millis -> sockets.after(millis, this::lookAround));
            sockets.after(AbsentSeeds.AFTER_MILLIS, () -> Thread.ofVirtual().start(this::reportAbsentSeeds));
        }
    }

    /** Logs which seeds are not in the view, unless this node lives alone by its own wish. */
    void reportAbsentSeeds() {
        if (!alone && channel.isConnected()) {
            try {
                new AbsentSeeds(settings.seeds(), place.advertised(), probing).report(members());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Asks all that may be there which view they have. */
    void lookAround() {
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

    ProtocolStack stack() {
        return stack;
    }

    @Override
    public Peer self() {
        return settings.self();
    }

    /**
     * Where others reach this node.
     *
     * @return an address and the port, which was chosen if none was given
     */
    public InetSocketAddress address() {
        return place.advertised();
    }

    /**
     * How many members are reached through another one, because the link to them is broken.
     *
     * @return 0 or more
     */
    public long detours() {
        return stack.detour().hops();
    }

    /**
     * The member through which packets go to another one, because the link to that is broken.
     *
     * @param peer the other member
     * @return empty where packets go directly
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
     * How many packets of other nodes were sent on to members that they do not reach.
     *
     * @return 0 or more, since the start
     */
    public long forwarded() {
        return stack.detour().forwarded();
    }

    @Override
    public void send(Peer to, byte[] packet) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Address address = roster.addresses().get(to);
        if (address == null) {
            return;
        }
        try {
            channel.send(new BytesMessage(address, packet));
        } catch (Exception e) {
            PeerSockets.log.debug("A packet to {} was not sent.", to, e);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /**
     * Makes this node and the one at an address members of one view, with all that are in the views of both. Blocks, 10 s
     * at most.
     *
     * @param to where the other one is reached
     * @throws WireException when it refuses, when nobody is there, or when it did not become a member in time
     * @throws InterruptedException when interrupted; it may become a member nevertheless
     */
    public void connect(InetSocketAddress to) throws WireException, InterruptedException {
        long deadline = System.nanoTime() + CONNECT_NANOS;
        InetSocketAddress address = to.isUnresolved() ? new InetSocketAddress(to.getHostString(), to.getPort()) : to;
        if (address.equals(place.advertised())) {
            return;
        }
        if (address.isUnresolved()) {
            throw new WireException(WireException.Code.UNREACHABLE, "The name of " + to + " has no address.");
        }
        Prober.Result found = probing.ask(List.of(address)).getFirst();
        Peer peer = switch (found) {
            case Prober.Result.Accepted(var _, var answer) -> answer.from();
            case Prober.Result.Refused(var _, var why) ->
                throw new WireException(WireException.Code.REFUSED, to + " refused this node: " + why);
            case Prober.Result.Unreached(var _, var why) ->
                throw new WireException(WireException.Code.UNREACHABLE, "Nobody at " + to + ": " + why);
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
        while (!roster.addresses().containsKey(peer)) {
            if (System.nanoTime() - deadline >= 0) {
                throw new WireException(
                        WireException.Code.TIMEOUT, "The node at " + to + " did not become a member in time.");
            }
            stack.merging().sendInfo();
            Thread.sleep(ASK_AGAIN_MILLIS);
        }
    }

    /**
     * Leaves the cluster. This node lives on alone, and takes nobody in, until {@link #connect}. The others see that it
     * left. Blocks for about a second.
     */
    public void disconnect() {
        joining.lock();
        try {
            if (closed || alone) {
                return;
            }
            alone = true;
            stack.seeds().quiet(true);
            long next = endViews();
            leave(channel::disconnect);
            stack.merging().quiet(false);
            stack.views().stay();
            connectChannel();
            // A node's views have growing numbers, but JGroups begins anew.
            Address self = channel.getAddress();
            synchronized (viewing) {
                floor = next;
            }
            stack.views().installView(org.jgroups.View.create(self, next, self));
        } finally {
            joining.unlock();
        }
    }

    /**
     * Between two lives of the channel no view is told, and nothing is sent. Others may install one while this node
     * leaves: it would be told beside the number that is drawn here. Returns a number above all that were told.
     */
    private long endViews() {
        synchronized (viewing) {
            floor = Long.MAX_VALUE;
            roster = ViewMembers.EMPTY;
            return reports.last().map(view -> view.id().number()).orElse(0L) + 1;
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
            leave(channel::close);
            reports.close();
            door.close();
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
            stack.views().prepareToLeave();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        var again = timer.scheduleWithFixedDelay(
                () -> Thread.ofVirtual().start(stack.views()::sayAgain),
                LEAVE_AGAIN_MILLIS,
                LEAVE_AGAIN_MILLIS,
                TimeUnit.MILLISECONDS);
        how.run();
        again.cancel(false);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Peer> memberAt(InetSocketAddress address) {
        List<Peer> there = members().entrySet().stream()
                .filter(member -> member.getValue().equals(address))
                .map(Map.Entry::getKey)
                .toList();
        // Two only while a life that is over has not been excluded yet.
        return there.size() == 1 ? Optional.of(there.getFirst()) : Optional.empty();
    }

    private Map<Peer, InetSocketAddress> members() {
        return roster.reached();
    }

    /** Excludes a member that is known to be dead, without asking it. */
    private void declareDead(Peer dead) {
        Address address = roster.addresses().get(dead);
        if (address != null && !dead.equals(settings.self())) {
            reports.suspect(dead);
            sockets.cut(dead);
            Thread.ofVirtual().start(() -> stack.views().up(new Event(Event.SUSPECT, List.of(address))));
        }
    }

    /** A connection ended that this side had not closed. Not asked for while this node leaves: then others close theirs. */
    private void ended(Peer peer) {
        if (!stack.views().isLeaving()) {
            stack.detour().ended(peer);
        }
    }

    /** What JGroups tells. */
    private final class FromJGroups implements Receiver {
        @Override
        public void viewAccepted(org.jgroups.View next) {
            ViewMembers members = ViewMembers.of(next);
            View view = members.view(next);
            synchronized (viewing) {
                if (next.getViewId().getId() < floor) {
                    return;
                }
                roster = members;
                if (view != null) {
                    reports.view(view);
                }
            }
        }

        @Override
        public void receive(Message message) {
            Peer from = roster.peers().get(message.getSrc());
            if (from == null) {
                from = PeerAddresses.peer(message.getSrc());
            }
            if (from != null && message.hasArray()) {
                reports.received(from, message.getArray(), message.getOffset(), message.getLength());
            }
        }
    }

    /** What the door asks. */
    private final class ForDoor implements HandshakeAcceptor.Host {
        @Override
        public HelloReply answer(Hello hello) {
            HelloReply.Verdict verdict = verdict(hello);
            boolean asked = hello.purpose() == Hello.Purpose.PROBE && verdict == HelloReply.Verdict.ACCEPTED;
            return new HelloReply(
                    verdict,
                    settings.versions().chosen(hello.versions()),
                    settings.self(),
                    asked ? members() : Map.of());
        }

        private HelloReply.Verdict verdict(Hello hello) {
            if (!hello.cluster().equals(settings.realm())) {
                return HelloReply.Verdict.OTHER_CLUSTER;
            }
            if (!settings.versions().meets(hello.versions())) {
                return HelloReply.Verdict.OTHER_VERSION;
            }
            if (hello.from().equals(settings.self())) {
                return HelloReply.Verdict.SELF;
            }
            if (hello.purpose() == Hello.Purpose.DECLARE_DEAD) {
                hello.expected().ifPresent(JGroupsWire.this::declareDead);
                return HelloReply.Verdict.ACCEPTED;
            }
            if (hello.expected().filter(settings.self()::equals).isEmpty()
                    && hello.expected().isPresent()) {
                return HelloReply.Verdict.OTHER_PEER;
            }
            return alone || !sockets.open() ? HelloReply.Verdict.ALONE : HelloReply.Verdict.ACCEPTED;
        }

        @Override
        public void linked(AuthenticatedConnection met, Hello hello) throws IOException {
            sockets.linked(met, hello);
        }

        @Override
        public boolean stranger(InetAddress address) {
            return members().values().stream()
                    .noneMatch(member -> member.getAddress().equals(address));
        }

        @Override
        public void refused(InetAddress address, String why) {
            sockets.refused(address.getHostAddress(), why);
        }
    }
}
