package io.heliodor.link.jgroups;

import io.heliodor.link.DecodeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Where others come in. Each has a thread and a short time to show that it belongs here; only then JGroups sees it. Who
 * says nothing, or something else, costs a place among the pending ones and nothing more.
 */
final class HandshakeAcceptor implements AutoCloseable {
    private static final int MOST_PENDING = 256;
    private static final long BREATH_MILLIS = 50;

    /** Decides who may come in. Called from many threads. */
    interface Host {
        /** What a hello is answered with. */
        HelloReply answer(Hello hello);

        /** Somebody who was accepted begins to send packets. */
        void linked(AuthenticatedConnection met, Hello hello) throws IOException;

        /** Whether no member has that address. */
        boolean stranger(InetAddress address);

        /** Somebody was not let in. */
        void refused(InetAddress address, String why);
    }

    private final ServerSocket listening;
    private final Tls tls;
    private final long limitMillis;
    private final ScheduledExecutorService timer;
    private final Host host;
    private final Thread acceptor;
    private final PendingHandshakes<Socket> pending = new PendingHandshakes<>(MOST_PENDING, System.nanoTime());

    /**
     * Opens it.
     *
     * @param listening bound
     * @param timer closes what takes too long
     */
    HandshakeAcceptor(ServerSocket listening, Tls tls, long limitMillis, ScheduledExecutorService timer, Host host) {
        this.listening = listening;
        this.tls = tls;
        this.limitMillis = limitMillis;
        this.timer = timer;
        this.host = host;
        acceptor = Thread.ofVirtual()
                .name("heliodor-door-" + listening.getLocalPort())
                .start(this::run);
    }

    private void run() {
        while (!listening.isClosed()) {
            try {
                admit(listening.accept());
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    PeerSockets.log.warn("Nobody can be let in at the moment.", e);
                    breathe(); // out of file descriptors, likely
                }
            }
        }
    }

    private static void breathe() {
        try {
            Thread.sleep(BREATH_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void admit(Socket raw) {
        InetAddress address = raw.getInetAddress();
        if (host.stranger(address) && !pending.admits(System.nanoTime())) {
            AuthenticatedConnection.abort(raw);
            return;
        }
        pending.add(raw, address).ifPresent(AuthenticatedConnection::abort);
        Thread.ofVirtual().name("heliodor-hello-", 0).start(() -> greet(raw, address));
    }

    private void greet(Socket raw, InetAddress address) {
        ScheduledFuture<?> late =
                timer.schedule(() -> AuthenticatedConnection.abort(raw), limitMillis, TimeUnit.MILLISECONDS);
        boolean handedOver = false;
        try {
            raw.setTcpNoDelay(true);
            Socket socket = tls.secure(raw, false);
            PushbackInputStream in = new PushbackInputStream(socket.getInputStream());
            Hello hello = Hello.read(in);
            HelloReply answer = host.answer(hello);
            answer.write(socket.getOutputStream());
            if (hello.purpose() != Hello.Purpose.LINK || answer.verdict() != HelloReply.Verdict.ACCEPTED) {
                if (answer.verdict().refusal()) {
                    host.refused(address, answer.verdict() + " " + hello);
                }
                farewell(socket, in);
                return;
            }
            // JGroups reads the first bytes on the one thread that accepts.
            int first = in.read();
            if (first < 0) {
                throw new EOFException("left again");
            }
            in.unread(first);
            if (late.cancel(false) && pending.remove(raw)) {
                host.linked(
                        new AuthenticatedConnection(
                                raw, socket, in, socket.getOutputStream(), hello.from(), answer.version()),
                        hello);
                handedOver = true;
            }
        } catch (SSLException | DecodeException e) {
            host.refused(address, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            PeerSockets.log.debug("{} hung up before it said who it is.", address, e);
        } finally {
            if (!handedOver) {
                late.cancel(false);
                pending.remove(raw);
                AuthenticatedConnection.abort(raw);
            }
        }
    }

    /** Waits until the other one has read the answer: an end that comes too early takes it away. */
    private static void farewell(Socket socket, InputStream in) throws IOException {
        socket.shutdownOutput();
        in.skip(Hello.LIMIT);
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            PeerSockets.log.debug("A listening socket cannot be closed.", e);
        }
        awaitAcceptor();
        pending.clear().forEach(AuthenticatedConnection::abort);
    }

    /** A socket on which a virtual thread waits keeps its port until that thread has run: a restart would not get the port. */
    private void awaitAcceptor() {
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
