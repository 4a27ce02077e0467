package io.heliodor.link.jgroups;

import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Connects to others, and says hello. */
final class Connector {
    private final Tls tls;
    private final WireSettings settings;
    private final InetSocketAddress at;
    private final ScheduledExecutorService timer;

    /**
     * One for a node.
     *
     * @param at where the node is reached itself
     * @param timer closes what takes too long
     */
    Connector(Tls tls, WireSettings settings, InetSocketAddress at, ScheduledExecutorService timer) {
        this.tls = tls;
        this.settings = settings;
        this.at = at;
        this.timer = timer;
    }

    /** What came of a call: the connection, which the caller closes, and what was answered. */
    record Handshake(AuthenticatedConnection met, HelloReply answer) {}

    /**
     * Connects by a fresh socket, and closes it if that fails.
     *
     * @return the connection and an answer that is no refusal
     * @throws HandshakeRefusedException when somebody is there who refuses, or whom we refuse
     * @throws IOException when nobody answers
     */
    Handshake call(InetSocketAddress to, Hello.Purpose purpose, Optional<Peer> expected, Socket raw)
            throws IOException {
        long limit = settings.timing().handshake().toMillis();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limit);
        ScheduledFuture<?> late =
                timer.schedule(() -> AuthenticatedConnection.abort(raw), limit, TimeUnit.MILLISECONDS);
        boolean done = false;
        try {
            raw.connect(to, (int) Math.max(1, limit / 2));
            Handshake called = greet(raw, purpose, expected);
            done = late.cancel(false);
            if (!done) {
                throw new SocketTimeoutException("no answer from " + to);
            }
            return called;
        } catch (SocketException | HandshakeRefusedException e) {
            // What the timer closes looks like any other end.
            throw System.nanoTime() - deadline >= 0 ? new SocketTimeoutException("no answer from " + to) : e;
        } finally {
            if (!done) {
                late.cancel(false);
                AuthenticatedConnection.abort(raw);
            }
        }
    }

    private Handshake greet(Socket raw, Hello.Purpose purpose, Optional<Peer> expected)
            throws HandshakeRefusedException {
        try {
            raw.setTcpNoDelay(true);
            Socket socket = tls.secure(raw, true);
            new Hello(purpose, settings.versions(), settings.realm(), settings.self(), at, expected)
                    .write(socket.getOutputStream());
            HelloReply answer = HelloReply.read(socket.getInputStream());
            if (answer.verdict().refusal()) {
                throw new HandshakeRefusedException(answer.verdict().name());
            }
            if (!settings.versions().has(answer.version())) {
                throw new HandshakeRefusedException(HelloReply.Verdict.OTHER_VERSION.name());
            }
            return new Handshake(new AuthenticatedConnection(raw, socket, answer.from(), answer.version()), answer);
        } catch (IOException | DecodeException e) {
            if (e instanceof HandshakeRefusedException refusal) {
                throw refusal;
            }
            // Who does not like what it reads may just hang up.
            throw new HandshakeRefusedException(String.valueOf(e.getMessage()), e);
        }
    }
}
