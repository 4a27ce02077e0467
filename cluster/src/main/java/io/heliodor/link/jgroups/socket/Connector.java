package io.heliodor.link.jgroups.socket;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The client side of the handshake: connects, secures the connection and exchanges hellos. Thread-safe. */
public final class Connector {
    private final PeerTls tls;
    private final NodeIdentity self;
    private final long timeoutMillis;
    private final ScheduledExecutorService timer;

    /**
     * A connector.
     *
     * @param self this node
     * @param timeout the maximum duration of a handshake, TCP included
     * @param timer closes connections at their timeout
     */
    public Connector(PeerTls tls, NodeIdentity self, Duration timeout, ScheduledExecutorService timer) {
        this.tls = tls;
        this.self = self;
        this.timeoutMillis = timeout.toMillis();
        this.timer = timer;
    }

    /** A finished handshake: the connection, which the caller closes, and the reply of the peer. */
    record Handshake(AuthenticatedConnection connection, HelloReply reply) {}

    /**
     * Connects a fresh socket, and closes it on failure. Blocks until the handshake ends or times out.
     *
     * @return the connection, and a reply that is not a refusal
     * @throws HandshakeRefusedException when one of the two ends refuses the other
     * @throws ClosedByPeer when the other end closes the connection without a refusal
     * @throws IOException when no node answers
     */
    Handshake connect(InetSocketAddress to, Hello.Purpose purpose, Optional<Peer> expected, Socket raw)
            throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        ScheduledFuture<?> timeout =
                timer.schedule(() -> AuthenticatedConnection.abort(raw), timeoutMillis, TimeUnit.MILLISECONDS);
        boolean done = false;
        try {
            connect(raw, to);
            Handshake handshake = exchangeHellos(raw, purpose, expected);
            done = timeout.cancel(false);
            if (!done) {
                throw new SocketTimeoutException("no answer from " + to);
            }
            return handshake;
        } catch (SocketException | HandshakeRefusedException | ClosedByPeer e) {
            // A socket that the timer closed fails as if the peer had closed it, but not as if its port refused.
            boolean late = System.nanoTime() - deadline >= 0 && !isRefused(e);
            throw late ? new SocketTimeoutException("no answer from " + to) : e;
        } finally {
            if (!done) {
                timeout.cancel(false);
                AuthenticatedConnection.abort(raw);
            }
        }
    }

    /** Whether an attempt has failed because the port refuses connections: its machine lives, and no process listens. */
    static boolean isRefused(IOException failure) {
        // Java has no type for it.
        return failure instanceof ConnectException
                && String.valueOf(failure.getMessage()).startsWith("Connection refused");
    }

    /** Connects, without a handshake. Blocks for at most half the timeout of a handshake. */
    void connect(Socket raw, InetSocketAddress to) throws IOException {
        try {
            raw.connect(to, (int) Math.max(1, timeoutMillis / 2));
        } catch (SocketException e) {
            // A peer that accepts and resets at once may be noticed here already. Other exceptions show that no peer
            // was reached.
            throw ClosedByPeer.isReset(e) ? new ClosedByPeer(e) : e;
        }
    }

    private Handshake exchangeHellos(Socket raw, Hello.Purpose purpose, Optional<Peer> expected)
            throws HandshakeRefusedException, ClosedByPeer {
        try {
            raw.setTcpNoDelay(true);
            Socket socket = tls.secure(raw, true);
            new Hello(purpose, self.versions(), self.cluster(), self.peer(), self.address(), expected)
                    .write(socket.getOutputStream());
            HelloReply reply = HelloReply.read(socket.getInputStream());
            if (reply.verdict().isRefusal()) {
                throw new HandshakeRefusedException(reply.verdict().name());
            }
            if (!self.versions().has(reply.version())) {
                throw new HandshakeRefusedException(HelloReply.Verdict.OTHER_VERSION.name());
            }
            return new Handshake(new AuthenticatedConnection(raw, socket, reply.from(), reply.version()), reply);
        } catch (IOException | DecodeException e) {
            if (e instanceof HandshakeRefusedException refusal) {
                throw refusal;
            }
            if (e instanceof IOException closed && ClosedByPeer.caused(closed)) {
                throw new ClosedByPeer(closed);
            }
            // The failure of TLS is a refusal by one of the two ends.
            throw new HandshakeRefusedException(String.valueOf(e.getMessage()), e);
        }
    }
}
