package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A socket that JGroups gets before its connection exists. {@link #connect} returns at once, and writing never blocks:
 * a virtual thread of the socket connects, does the handshake and writes. After {@link #close} pending bytes are still
 * written for a short time.
 */
final class PeerSocket extends Socket {
    /** More than a session has in flight, so that only JGroups' own traffic can reach it. */
    static final int MAX_WAITING_BYTES = 8 << 20;

    private static final long LINGER_MILLIS = 500;

    /** A handshake takes milliseconds; one that takes longer than this waits for a lost packet. */
    private static final long HANGING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** The time within which both ends of a pair may connect to each other at once. */
    private static final long YOUNG_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long HANDSHAKE_SECONDS = 60;

    private final PeerSockets sockets;
    private final Socket raw;
    private final WriteQueue queue;
    private final CompletableFuture<AuthenticatedConnection> connection = new CompletableFuture<>();
    private final InputStream in = new Input();
    private final long begun = System.nanoTime();
    private volatile @Nullable InetSocketAddress remote;
    private volatile boolean closed;
    private volatile boolean aborted;

    /** When bytes of the peer were last read. */
    private volatile long lastRead = begun;

    /** A socket to be connected. */
    PeerSocket(PeerSockets sockets) throws SocketException {
        super((SocketImpl) null);
        this.sockets = sockets;
        this.raw = new Socket();
        this.queue = new WriteQueue(MAX_WAITING_BYTES, this::overflowed);
    }

    /** The socket of an accepted connection. */
    PeerSocket(PeerSockets sockets, AuthenticatedConnection accepted) throws SocketException {
        super((SocketImpl) null);
        this.sockets = sockets;
        this.raw = accepted.raw();
        this.remote = (InetSocketAddress) raw.getRemoteSocketAddress();
        this.queue = new WriteQueue(MAX_WAITING_BYTES, this::overflowed);
        this.connection.complete(accepted);
        begin();
    }

    private void begin() {
        sockets.add(this);
        Thread.ofVirtual().name("heliodor-socket").start(this::run);
    }

    /** The node at the other end, after the handshake. */
    Optional<Peer> peer() {
        return connection().map(AuthenticatedConnection::peer);
    }

    /** The connection, after the handshake. */
    Optional<AuthenticatedConnection> connection() {
        return connection.isDone() && !connection.isCompletedExceptionally()
                ? Optional.of(connection.join())
                : Optional.empty();
    }

    /** Whether bytes of the peer came within a time: also those of a message that is not complete yet. */
    boolean hasReadWithin(long nanos) {
        return System.nanoTime() - lastRead <= nanos;
    }

    /** Whether it connects to this address, and its handshake takes longer than usual. */
    boolean hangsAt(InetSocketAddress address) {
        return !connection.isDone() && address.equals(remote) && System.nanoTime() - begun > HANGING_NANOS;
    }

    @Override
    public void connect(SocketAddress to, int timeoutMillis) throws IOException {
        InetSocketAddress address = (InetSocketAddress) to;
        sockets.checkUp(address);
        remote = address;
        begin();
    }

    private void run() {
        try {
            Optional<AuthenticatedConnection> accepted = connection();
            AuthenticatedConnection to = accepted.isPresent() ? accepted.get() : sockets.connect(this, remote(), raw);
            connection.complete(to); // without effect if it was aborted meanwhile: then the queue is empty
            queue.writeTo(to.out());
            to.socket().shutdownOutput();
        } catch (IOException e) {
            // The reader reports the end, and which side closed.
            connection.completeExceptionally(e);
            queue.drop();
            AuthenticatedConnection.close(raw);
        } catch (InterruptedException e) {
            abort();
        }
    }

    private InetSocketAddress remote() throws SocketException {
        InetSocketAddress to = remote;
        if (to == null) {
            throw new SocketException("not connected");
        }
        return to;
    }

    /** Whether less than half of the maximum waits to be written. */
    boolean hasRoom() {
        return queue.bytes() < MAX_WAITING_BYTES / 2;
    }

    /** Whether nothing waits to be written. */
    boolean isIdle() {
        return queue.bytes() == 0;
    }

    boolean isAborted() {
        return aborted;
    }

    /** Whether it began so lately that the peer may have connected at the same time. */
    boolean isYoung() {
        return System.nanoTime() - begun < YOUNG_NANOS;
    }

    private void overflowed() {
        sockets.overflowed(this);
        abort();
    }

    /** Closes it from this side at once, and drops pending bytes. */
    void abort() {
        closed = true;
        aborted = true;
        queue.drop();
        AuthenticatedConnection.abort(raw);
        connection.completeExceptionally(new SocketException("closed"));
        sockets.remove(this);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            queue.end();
            // JGroups closes all connections to non-members with each view. One of them may carry a message that
            // another
            // part of the cluster waits for, so its handshake ends first. That is bounded in time.
            if (isConnected()) {
                var _ = connection.whenComplete((_, _) -> sockets.after(LINGER_MILLIS, this::abort));
            } else {
                abort();
            }
        }
    }

    /** Whether this side has closed it. */
    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isConnected() {
        return remote != null;
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return queue;
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return remote;
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        InetSocketAddress to = remote;
        return to == null ? null : to.getAddress();
    }

    @Override
    public int getPort() {
        InetSocketAddress to = remote;
        return to == null ? 0 : to.getPort();
    }

    @Override
    public InetAddress getLocalAddress() {
        return raw.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
        return raw.getLocalPort();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return raw.getLocalSocketAddress();
    }

    @Override
    public boolean isBound() {
        return raw.isBound();
    }

    @Override
    public void bind(SocketAddress address) throws IOException {
        raw.bind(address);
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        raw.setSoTimeout(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return raw.getSoTimeout();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        raw.setKeepAlive(on);
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // Always on: small messages are urgent, and large ones are written in large pieces.
    }

    @Override
    public void setSoLinger(boolean on, int seconds) {
        // close() and abort() decide.
    }

    @Override
    public void setSendBufferSize(int size) throws SocketException {
        raw.setSendBufferSize(size);
    }

    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        raw.setReceiveBufferSize(size);
    }

    @Override
    public String toString() {
        return "connection to " + remote;
    }

    /**
     * Reads from the connection, after waiting for it. After this side has closed it discards all bytes until the peer
     * closes: a reset would discard the last bytes of this side.
     */
    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            AuthenticatedConnection from = await();
            try {
                int count = from.in().read(to, offset, length);
                lastRead = System.nanoTime();
                while (closed && count >= 0) {
                    count = from.in().read(to, offset, length);
                }
                if (count < 0) {
                    ended();
                }
                return count;
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                ended();
                throw new SocketException(String.valueOf(e.getMessage()));
            }
        }

        private void ended() throws SocketException {
            if (closed) {
                abort();
                throw new SocketException("closed");
            }
            sockets.endedByPeer(PeerSocket.this, connection.join().peer());
        }

        private AuthenticatedConnection await() throws IOException {
            try {
                return connection.get(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new SocketException(String.valueOf(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("interrupted");
            } catch (TimeoutException e) {
                throw new SocketException("no handshake");
            }
        }
    }
}
