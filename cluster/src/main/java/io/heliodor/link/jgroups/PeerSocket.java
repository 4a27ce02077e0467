package io.heliodor.link.jgroups;

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
import org.jspecify.annotations.Nullable;

/**
 * The socket that JGroups gets. It looks connected at once, and nothing blocks that writes to it: a thread of its own
 * connects, says hello, and writes. Closing it lets what waits be written, for a short time.
 */
final class PeerSocket extends Socket {
    /** More than a session has in flight, so only JGroups' own traffic can reach it. */
    static final int MAX_WAITING_BYTES = 8 << 20;

    private static final long LINGER_MILLIS = 500;
    /** A handshake takes milliseconds; one that has not come to its end by now waits for a packet that was lost. */
    private static final long HANGING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Both ends of a pair that connect to each other at the same time have done so by then. */
    private static final long YOUNG_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final PeerSockets sockets;
    private final Socket raw;
    private final WriteQueue sending;
    private final CompletableFuture<AuthenticatedConnection> met = new CompletableFuture<>();
    private final InputStream in = new Reading();
    private final long begun = System.nanoTime();
    private volatile @Nullable InetSocketAddress remote;
    private volatile boolean closed;
    private volatile boolean aborted;

    /** One that is going to be connected. */
    PeerSocket(PeerSockets sockets) throws SocketException {
        super((SocketImpl) null);
        this.sockets = sockets;
        this.raw = new Socket();
        this.sending = new WriteQueue(MAX_WAITING_BYTES, this::overflowed);
    }

    /** One that was accepted. */
    PeerSocket(PeerSockets sockets, AuthenticatedConnection met) throws SocketException {
        super((SocketImpl) null);
        this.sockets = sockets;
        this.raw = met.raw();
        this.remote = (InetSocketAddress) raw.getRemoteSocketAddress();
        this.sending = new WriteQueue(MAX_WAITING_BYTES, this::overflowed);
        this.met.complete(met);
        begin();
    }

    private void begin() {
        sockets.opened(this);
        Thread.ofVirtual().name("heliodor-line-", 0).start(this::run);
    }

    /** Who is at the other end, if that is known already. */
    Optional<Peer> peer() {
        return met().map(AuthenticatedConnection::peer);
    }

    /** The connection, if both ends know each other already. */
    Optional<AuthenticatedConnection> met() {
        return met.isDone() && !met.isCompletedExceptionally() ? Optional.of(met.join()) : Optional.empty();
    }

    /** Whether it has been trying for long to reach that address. */
    boolean hangsAt(InetSocketAddress address) {
        return !met.isDone() && address.equals(remote) && System.nanoTime() - begun > HANGING_NANOS;
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
            Optional<AuthenticatedConnection> accepted = met();
            AuthenticatedConnection to = accepted.isPresent() ? accepted.get() : sockets.link(this, remote(), raw);
            met.complete(to); // without effect if it was aborted meanwhile: then there is nothing to write
            sending.pump(to.out());
            to.socket().shutdownOutput();
        } catch (IOException e) {
            // Whoever reads learns that it is over, and by whom.
            met.completeExceptionally(e);
            sending.drop();
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

    /** Whether less than half of what may wait does. */
    boolean hasRoom() {
        return sending.waiting() < MAX_WAITING_BYTES / 2;
    }

    /** Whether this side ended it at once. */
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

    /** Ends it at once, from this side. */
    void abort() {
        closed = true;
        aborted = true;
        sending.drop();
        AuthenticatedConnection.abort(raw);
        met.completeExceptionally(new SocketException("closed"));
        sockets.gone(this);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            sending.end();
            // JGroups closes all lines to strangers with each view. Another part may wait for what such a line carries,
            // so its handshake ends first. That is bounded in time.
            if (isConnected()) {
                var _ = met.whenComplete((_, _) -> sockets.after(LINGER_MILLIS, this::abort));
            } else {
                abort();
            }
        }
    }

    /** Whether this side closed it. */
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
        return sending;
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
        // Always: what is small here is urgent, and what is large comes in large pieces.
    }

    @Override
    public void setSoLinger(boolean on, int seconds) {
        // How it ends is decided here.
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
        return "line to " + remote;
    }

    /** Waits for the connection; discards what comes after this side closed it, so that its last words are not lost. */
    private final class Reading extends InputStream {
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
                while (closed && count >= 0) {
                    count = from.in().read(to, offset, length);
                }
                if (count < 0) {
                    over();
                }
                return count;
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                over();
                throw new SocketException(String.valueOf(e.getMessage()));
            }
        }

        private void over() throws SocketException {
            if (closed) {
                abort();
                throw new SocketException("closed");
            }
            sockets.endedByPeer(PeerSocket.this, met.join().peer());
        }

        private AuthenticatedConnection await() throws IOException {
            try {
                return met.get(MINUTE, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new SocketException(String.valueOf(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("interrupted");
            } catch (java.util.concurrent.TimeoutException e) {
                throw new SocketException("no handshake");
            }
        }

        private static final long MINUTE = 60;
    }
}
