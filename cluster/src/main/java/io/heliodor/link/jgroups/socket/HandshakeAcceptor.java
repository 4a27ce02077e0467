package io.heliodor.link.jgroups.socket;

import io.heliodor.binary.DecodeException;
import io.heliodor.type.text.EscapedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;

/**
 * The server side of the handshake: accepts TCP connections, authenticates each on a virtual thread of its own, and
 * hands those for packets over. A connection that fails or exceeds the timeout only costs one of the pending
 * handshakes, whose number and rate are limited.
 */
public final class HandshakeAcceptor implements AutoCloseable {
    private static final int MAX_PENDING = 256;
    private static final long RETRY_MILLIS = 50;

    /** Neither a hello nor a record of TLS. */
    private static final byte[] NO_HELLO = "no hello\n".getBytes(StandardCharsets.US_ASCII);

    /** Decides about connections. Called from many threads at once; must not block. */
    public interface Policy {
        /** The reply to a hello. */
        HelloReply reply(Hello hello);

        /** Whether no member has this address. The rate of connections from such addresses is limited. */
        boolean isStranger(InetAddress address);
    }

    private final ServerSocket listening;
    private final PeerTls tls;
    private final long timeoutMillis;
    private final ScheduledExecutorService timer;
    private final PeerSockets sockets;
    private final DataConnections data;
    private final Policy policy;
    private final Thread acceptor;
    private final PendingHandshakes<Socket> pending = new PendingHandshakes<>(MAX_PENDING);
    private final StrangerRates strangers = new StrangerRates(System.nanoTime());
    private final LongAdder dropped = new LongAdder();

    /**
     * Begins to accept.
     *
     * @param listening a bound socket, closed by {@link #close}
     * @param timeout the maximum duration of a handshake
     * @param timer closes connections at their timeout
     * @param sockets takes the authenticated connections of JGroups
     * @param data takes those for envelopes
     */
    public HandshakeAcceptor(
            ServerSocket listening,
            PeerTls tls,
            Duration timeout,
            ScheduledExecutorService timer,
            PeerSockets sockets,
            DataConnections data,
            Policy policy) {
        this.listening = listening;
        this.tls = tls;
        this.timeoutMillis = timeout.toMillis();
        this.timer = timer;
        this.sockets = sockets;
        this.data = data;
        this.policy = policy;
        acceptor = Thread.ofVirtual()
                .name("heliodor-accept-" + listening.getLocalPort())
                .start(this::run);
    }

    private void run() {
        while (!listening.isClosed()) {
            try {
                accepted(listening.accept());
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    PeerSockets.log.warn("No connection can be accepted at the moment.", EscapedException.of(e));
                    PeerSockets.pause(RETRY_MILLIS); // out of file descriptors, likely
                }
            }
        }
    }

    private void accepted(Socket raw) {
        InetAddress address = raw.getInetAddress();
        if (policy.isStranger(address) && !strangers.admit(address, System.nanoTime())) {
            drop(raw);
            return;
        }
        pending.add(raw, address).ifPresent(this::drop);
        Thread.ofVirtual().name("heliodor-hello").start(() -> handshake(raw, address));
    }

    private void drop(Socket raw) {
        dropped.increment();
        AuthenticatedConnection.abort(raw);
    }

    /**
     * Connections that were closed before the end of their handshake, because there were too many.
     *
     * @return 0 or more, since the start
     */
    public long dropped() {
        return dropped.sum();
    }

    private void handshake(Socket raw, InetAddress address) {
        ScheduledFuture<?> timeout =
                timer.schedule(() -> AuthenticatedConnection.abort(raw), timeoutMillis, TimeUnit.MILLISECONDS);
        boolean handedOver = false;
        try {
            raw.setTcpNoDelay(true);
            Socket socket = tls.secure(raw, false);
            PushbackInputStream in = new PushbackInputStream(socket.getInputStream());
            Hello hello = Hello.read(in);
            HelloReply reply = policy.reply(hello);
            reply.write(socket.getOutputStream());
            boolean accepted = reply.verdict() == HelloReply.Verdict.ACCEPTED;
            if (accepted && hello.purpose() == Hello.Purpose.DATA) {
                if (timeout.cancel(false) && pending.remove(raw)) {
                    data.accepted(new AuthenticatedConnection(raw, socket, hello.from(), reply.version()));
                    handedOver = true;
                }
                return;
            }
            if (!accepted || hello.purpose() != Hello.Purpose.LINK) {
                if (reply.verdict().isRefusal()) {
                    refused(address, reply.verdict() + " " + hello);
                }
                awaitEnd(socket, in);
                return;
            }
            // JGroups reads the first bytes on its single accepting thread, so they must be there.
            int first = in.read();
            if (first < 0) {
                throw new EOFException("left again");
            }
            in.unread(first);
            if (timeout.cancel(false) && pending.remove(raw)) {
                sockets.accepted(
                        new AuthenticatedConnection(
                                raw, socket, in, socket.getOutputStream(), hello.from(), reply.version()),
                        hello.at());
                handedOver = true;
            }
        } catch (DecodeException e) {
            refused(address, String.valueOf(e.getMessage()));
            explain(raw);
        } catch (IOException e) {
            if (e instanceof SSLException && !ClosedByPeer.caused(e)) {
                refused(address, "a node with another cookie or certificate, or with none: " + e.getMessage());
            } else {
                PeerSockets.log.debug("{} closed the connection before it sent its name.", address, e);
            }
        } finally {
            if (!handedOver) {
                timeout.cancel(false);
                pending.remove(raw);
                AuthenticatedConnection.abort(raw);
            }
        }
    }

    private void refused(InetAddress address, String why) {
        sockets.refused(address.getHostAddress(), why);
    }

    /** Sends an end that a peer with TLS, or another protocol, does not take for a reset. */
    private static void explain(Socket raw) {
        try {
            raw.getOutputStream().write(NO_HELLO);
            awaitEnd(raw, raw.getInputStream());
        } catch (IOException e) {
            PeerSockets.log.trace("A peer without a hello has closed its connection.", e);
        }
    }

    /** Waits until the peer has read the reply and closes: a reset before that would discard the reply. */
    private static void awaitEnd(Socket socket, InputStream in) throws IOException {
        socket.shutdownOutput();
        in.skip(Hello.MAX_BYTES);
    }

    /** Ends accepting and all pending handshakes. The port is free when this returns. */
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

    /** A socket keeps its port while a virtual thread waits on it, so a restart would not get the port. */
    private void awaitAcceptor() {
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
