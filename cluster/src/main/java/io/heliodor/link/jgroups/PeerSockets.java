package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jgroups.util.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the sockets of JGroups: none of them reaches it, or anybody, before both ends know each other. */
final class PeerSockets implements SocketFactory {
    static final Logger log = LoggerFactory.getLogger(JGroupsWire.class);

    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    /** How long JGroups takes to notice that a connection has ended. */
    private static final long FORGET_MILLIS = 20;

    /** How long a connection in the other direction may take that was begun at the same time. */
    private static final long BOTH_MILLIS = 500;

    private final Connector caller;
    private final ScheduledExecutorService timer;
    private final int port;
    private final Function<InetSocketAddress, Optional<Peer>> expected;
    private final Consumer<Peer> dead;
    private final Consumer<Peer> ended;
    private final CircuitBreaker breaker = new CircuitBreaker();
    private final RefusalLog complaints = new RefusalLog();
    private final Set<PeerSocket> lines = ConcurrentHashMap.newKeySet();
    private volatile @Nullable HandoffServerSocket accepting;

    /**
     * Makes none yet.
     *
     * @param port where this node listens
     * @param expected which member is reached at an address
     * @param dead told of a member that cannot live any more, as another one is reached where it was
     * @param ended is called when a connection ended that this side had not closed
     */
    PeerSockets(
            Connector caller,
            ScheduledExecutorService timer,
            int port,
            Function<InetSocketAddress, Optional<Peer>> expected,
            Consumer<Peer> dead,
            Consumer<Peer> ended) {
        this.caller = caller;
        this.timer = timer;
        this.port = port;
        this.expected = expected;
        this.dead = dead;
        this.ended = ended;
    }

    /** Whether JGroups takes connections. */
    boolean open() {
        HandoffServerSocket current = accepting;
        return current != null && !current.isClosed();
    }

    /** Takes a connection that was let in. */
    void linked(AuthenticatedConnection met, Hello hello) throws IOException {
        breaker.answered(hello.at());
        // Whoever has this name now lives; connections of the life before do not.
        cut(peer -> peer.node().equals(met.peer().node()) && !peer.equals(met.peer()));
        giveWay(hello.at());
        PeerSocket line = new PeerSocket(this, met);
        HandoffServerSocket current = accepting;
        if (current == null || !current.offer(line)) {
            line.abort();
        }
    }

    /** JGroups would keep its own connection, which may never come about, and refuse the one that has. */
    private void giveWay(InetSocketAddress to) {
        List<PeerSocket> hanging =
                lines.stream().filter(line -> line.hangsAt(to)).toList();
        hanging.forEach(PeerSocket::abort);
        if (!hanging.isEmpty()) {
            pause(FORGET_MILLIS);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Connects for a line. Bounded in time by the handshake. */
    AuthenticatedConnection link(PeerSocket line, InetSocketAddress to, Socket raw) throws IOException {
        Optional<Peer> member = expected.apply(to);
        try {
            Connector.Handshake called = caller.call(to, Hello.Purpose.LINK, member, raw);
            HelloReply answer = called.answer();
            if (answer.verdict() == HelloReply.Verdict.ACCEPTED) {
                breaker.answered(to);
                return called.met();
            }
            AuthenticatedConnection.abort(raw);
            if (answer.verdict() == HelloReply.Verdict.OTHER_PEER) {
                member.ifPresent(dead);
            }
            throw new ConnectException(answer.verdict() + " at " + to);
        } catch (IOException e) {
            // A line that gave way to one in the other direction was not refused, and its peer is up.
            if (!line.isAborted()) {
                if (e instanceof HandshakeRefusedException) {
                    refused(to.toString(), String.valueOf(e.getMessage()));
                }
                breaker.failed(to, System.nanoTime());
            }
            throw e;
        }
    }

    void refused(String who, String why) {
        complaints.refused(who, why);
    }

    void checkUp(InetSocketAddress address) throws ConnectException {
        if (!breaker.closed(address, System.nanoTime())) {
            throw new ConnectException("nobody answered at " + address + " a moment ago");
        }
    }

    /** Lets the next attempt through, whatever happened before. */
    void tryAgain(InetSocketAddress address) {
        breaker.answered(address);
    }

    void opened(PeerSocket line) {
        lines.add(line);
    }

    void gone(PeerSocket line) {
        lines.remove(line);
    }

    void overflowed(PeerSocket line) {
        log.warn("Closed the {}: it has not read for too long.", line);
    }

    void after(long millis, Runnable what) {
        var _ = timer.schedule(what, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * A connection ended that this side had not closed. Two ends that connect to each other at the same time keep one connection of
     * the two: the end of the other one is not that of the peer.
     */
    void endedByPeer(PeerSocket line, Peer peer) {
        lines.remove(line);
        after(line.isYoung() ? BOTH_MILLIS : 0, () -> {
            if (!isConnected(peer)) {
                // The listener may wait, and the timer must not.
                Thread.ofVirtual().start(() -> ended.accept(peer));
            }
        });
    }

    private boolean isConnected(Peer peer) {
        return lines.stream()
                .anyMatch(line ->
                        !line.isClosed() && line.peer().filter(peer::equals).isPresent());
    }

    /** Whether half of what may wait for a peer is free: packets of others may use that. */
    boolean hasRoom(Peer peer) {
        return lines.stream()
                .filter(line -> line.peer().filter(peer::equals).isPresent())
                .allMatch(PeerSocket::hasRoom);
    }

    /** The version of the protocol on the lines to a peer, if there is one. */
    OptionalInt version(Peer peer) {
        return lines.stream()
                .flatMap(line -> line.met().stream())
                .filter(met -> met.peer().equals(peer))
                .mapToInt(AuthenticatedConnection::version)
                .max();
    }

    /** Ends the lines to a peer at once. */
    void cut(Peer peer) {
        cut(peer::equals);
    }

    private void cut(java.util.function.Predicate<Peer> which) {
        lines.stream().filter(line -> line.peer().filter(which).isPresent()).forEach(PeerSocket::abort);
    }

    /** Lets what waits be written, for a short time, and ends all lines. */
    void close() {
        lines.forEach(PeerSocket::close);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!lines.isEmpty() && System.nanoTime() - deadline < 0) {
            pause(10);
        }
        lines.forEach(PeerSocket::abort);
    }

    @Override
    public Socket createSocket(String service) throws IOException {
        return new PeerSocket(this);
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        HandoffServerSocket fresh = new HandoffServerSocket(port);
        accepting = fresh;
        return fresh;
    }

    @Override
    public void close(Socket socket) throws IOException {
        socket.close();
    }

    @Override
    public void close(ServerSocket socket) throws IOException {
        socket.close();
    }

    @Override
    public void close(DatagramSocket socket) {
        throw none();
    }

    @Override
    public Socket createSocket(String service, String host, int port) {
        throw none();
    }

    @Override
    public Socket createSocket(String service, InetAddress address, int port) {
        throw none();
    }

    @Override
    public Socket createSocket(String service, String host, int port, InetAddress local, int localPort) {
        throw none();
    }

    @Override
    public Socket createSocket(String service, InetAddress address, int port, InetAddress local, int localPort) {
        throw none();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port) {
        throw none();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog) {
        throw none();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog, InetAddress address) {
        throw none();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service) {
        throw none();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, SocketAddress address) {
        throw none();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port) {
        throw none();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port, InetAddress address) {
        throw none();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service) {
        throw none();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, int port) {
        throw none();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, SocketAddress address) {
        throw none();
    }

    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("This stack needs no such socket.");
    }
}
