package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import io.heliodor.log.BoundedLog;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of this node, in both directions. Thread-safe. */
public final class PeerSockets {
    static final Logger log = LoggerFactory.getLogger("io.heliodor.link");

    private static final long CLOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    /** The time in which JGroups notices the end of a connection. */
    private static final long NOTICE_MILLIS = 20;

    /** The time in which a connection is there that the peer began at the same time. */
    private static final long SIMULTANEOUS_MILLIS = 500;

    private final Connector connector;
    private final ScheduledExecutorService timer;
    private final int port;
    private final Function<InetSocketAddress, Optional<Peer>> memberAt;
    private final Consumer<Peer> replaced;
    private final Consumer<Peer> ended;
    private final Duration silence;
    private final CircuitBreaker breaker = new CircuitBreaker();
    private final RefusalLog refusals = new RefusalLog();
    private final BoundedLog overflows = new BoundedLog(log, "connections with a full write queue", System::nanoTime);
    private final Set<PeerSocket> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable HandoffServerSocket serverSocket;

    /**
     * No connections yet.
     *
     * @param port the port at which this node listens
     * @param memberAt returns the member at an address
     * @param replaced called with a dead member: another node answers at its address
     * @param ended called on a virtual thread when the last connection to a peer ended that this side had not closed
     * @param silence the time in which bytes come by each connection that works
     */
    public PeerSockets(
            Connector connector,
            ScheduledExecutorService timer,
            int port,
            Function<InetSocketAddress, Optional<Peer>> memberAt,
            Consumer<Peer> replaced,
            Consumer<Peer> ended,
            Duration silence) {
        this.connector = connector;
        this.timer = timer;
        this.port = port;
        this.memberAt = memberAt;
        this.replaced = replaced;
        this.ended = ended;
        this.silence = silence;
    }

    /** Whether JGroups accepts connections. */
    public boolean isAccepting() {
        HandoffServerSocket current = serverSocket;
        return current != null && !current.isClosed();
    }

    HandoffServerSocket newServerSocket() throws IOException {
        HandoffServerSocket fresh = new HandoffServerSocket(port);
        serverSocket = fresh;
        return fresh;
    }

    /** Hands an authenticated connection over to JGroups. */
    void accepted(AuthenticatedConnection connection, InetSocketAddress from) throws IOException {
        breaker.recordSuccess(from);
        otherIncarnations(connection.peer(), from);
        boolean hung = abortHanging(from);
        // The two ends of a connection replace it at about the same time.
        boolean silent = abortSilent(connection.peer());
        if (hung || silent) {
            pause(NOTICE_MILLIS);
        }
        PeerSocket socket = new PeerSocket(this, connection);
        HandoffServerSocket current = serverSocket;
        if (current == null || !current.offer(socket)) {
            socket.abort();
        }
    }

    /**
     * Another incarnation of this name is dead if this one answers at its address. If not, both may live, as after a merge of
     * two clusters: then it is only suspected, since without its connections the one that keeps the name could be excluded.
     */
    private void otherIncarnations(Peer peer, InetSocketAddress at) {
        Optional<Peer> memberThere = memberAt.apply(at);
        List<Peer> others = open.stream()
                .flatMap(socket -> socket.peer().stream())
                .filter(other -> other.node().equals(peer.node()) && !other.equals(peer))
                .distinct()
                .toList();
        for (Peer other : others) {
            if (memberThere.filter(other::equals).isPresent()) {
                abort(other);
            } else {
                Thread.ofVirtual().start(() -> ended.accept(other));
            }
        }
    }

    /** JGroups would keep its own connection, whose handshake may never end, and refuse the accepted one. */
    private boolean abortHanging(InetSocketAddress to) {
        List<PeerSocket> hanging =
                open.stream().filter(socket -> socket.hangsAt(to)).toList();
        hanging.forEach(PeerSocket::abort);
        return !hanging.isEmpty();
    }

    /** Blocks for a time, less if the thread is interrupted. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Connects for a socket. Blocks, at most for the timeout of a handshake. */
    AuthenticatedConnection connect(PeerSocket socket, InetSocketAddress to, Socket raw) throws IOException {
        Optional<Peer> expected = memberAt.apply(to);
        try {
            Connector.Handshake handshake = connector.connect(to, Hello.Purpose.LINK, expected, raw);
            HelloReply.Verdict verdict = handshake.reply().verdict();
            if (verdict == HelloReply.Verdict.ACCEPTED) {
                breaker.recordSuccess(to);
                return handshake.connection();
            }
            AuthenticatedConnection.abort(raw);
            if (verdict == HelloReply.Verdict.OTHER_PEER) {
                expected.ifPresent(replaced);
            }
            throw new ConnectException(verdict + " at " + to);
        } catch (IOException e) {
            // A socket that was aborted for a connection in the other direction was not refused, and its peer is up.
            if (!socket.isAborted()) {
                if (e instanceof HandshakeRefusedException) {
                    refused(to.toString(), String.valueOf(e.getMessage()));
                }
                breaker.recordFailure(to, System.nanoTime());
            }
            throw e;
        }
    }

    void refused(String address, String why) {
        refusals.refused(address, why);
    }

    void checkUp(InetSocketAddress address) throws ConnectException {
        if (!breaker.allows(address, System.nanoTime())) {
            throw new ConnectException("no answer at " + address + " a moment ago");
        }
    }

    /** Permits the next attempt at an address, whatever failed before. */
    public void tryAgain(InetSocketAddress address) {
        breaker.recordSuccess(address);
    }

    void add(PeerSocket socket) {
        open.add(socket);
    }

    void remove(PeerSocket socket) {
        open.remove(socket);
    }

    void overflowed(PeerSocket socket) {
        overflows.warn("Closed the {}: its write queue is full, the peer does not read.", socket);
    }

    /** Runs a task after a time, on the timer; it must not block. */
    public void after(long millis, Runnable task) {
        var _ = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * A connection ended that this side had not closed. Of two ends that connect to each other at the same time one
     * connection is kept: the end of the other one is not that of the peer.
     */
    void endedByPeer(PeerSocket socket, Peer peer) {
        open.remove(socket);
        after(socket.isYoung() ? SIMULTANEOUS_MILLIS : 0, () -> {
            if (!isConnected(peer)) {
                // The callback may block, the timer must not.
                Thread.ofVirtual().start(() -> ended.accept(peer));
            }
        });
    }

    private boolean isConnected(Peer peer) {
        return to(peer::equals).anyMatch(socket -> !socket.isClosed());
    }

    /** Whether less than half of the bytes that may wait for a peer do: packets of other nodes may use that half. */
    public boolean hasRoom(Peer peer) {
        return to(peer::equals).allMatch(PeerSocket::hasRoom);
    }

    /** Whether no bytes wait to be written to a peer. */
    public boolean isIdle(Peer peer) {
        return to(peer::equals).allMatch(PeerSocket::isIdle);
    }

    /** Whether bytes of a peer came within a time, by any connection. */
    public boolean hasReadWithin(Peer peer, long nanos) {
        return to(peer::equals).anyMatch(socket -> socket.hasReadWithin(nanos));
    }

    /** The version of the protocol on the connections to a peer; empty without one. */
    public OptionalInt version(Peer peer) {
        return open.stream()
                .flatMap(socket -> socket.connection().stream())
                .filter(connection -> connection.peer().equals(peer))
                .mapToInt(AuthenticatedConnection::version)
                .max();
    }

    /** Aborts the connections to a peer. */
    public void abort(Peer peer) {
        to(peer::equals).forEach(PeerSocket::abort);
    }

    /**
     * Aborts the connections to a peer by which nothing came since they began, or for the time in which something comes by each
     * that works. The next one may begin at once.
     *
     * @return whether there was one
     */
    public boolean abortSilent(Peer peer) {
        List<PeerSocket> silent = to(peer::equals)
                .filter(socket -> !socket.hasReadWithin(silence.toNanos()))
                .toList();
        silent.forEach(PeerSocket::abort);
        return !silent.isEmpty();
    }

    private Stream<PeerSocket> to(Predicate<Peer> which) {
        return open.stream().filter(socket -> socket.peer().filter(which).isPresent());
    }

    /** Closes all connections. Blocks for up to 700 ms, in which pending bytes are written. */
    public void close() {
        open.forEach(PeerSocket::close);
        long deadline = System.nanoTime() + CLOSE_NANOS;
        while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
            pause(10);
        }
        open.forEach(PeerSocket::abort);
    }
}
