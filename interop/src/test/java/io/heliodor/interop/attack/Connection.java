package io.heliodor.interop.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One TCP connection to the server. All methods are called on the thread of its reactor. */
final class Connection {
    /** Bounds a turn, so that one connection does not keep the thread from the others. */
    private static final int WRITTEN_PER_TURN = 256 << 10;

    private final Reactor reactor;
    private final Listener listener;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Queue<ByteBuffer> queue = new ArrayDeque<>();
    private Supplier<@Nullable ByteBuffer> source = () -> null;
    private boolean exhausted = true;
    private boolean outOfBudget;
    private boolean reading = true;
    private boolean closed;

    /** Receives the events of a connection. */
    interface Listener {
        /** The connection is established. */
        void connected();

        /** Bytes came; all of them are consumed when this returns. */
        void received(ByteBuffer bytes);

        /** The server closed the connection, or did not accept it. */
        void lost();
    }

    private Connection(Reactor reactor, Listener listener, SocketChannel channel) throws IOException {
        this.reactor = reactor;
        this.listener = listener;
        this.channel = channel;
        key = reactor.register(channel, this);
    }

    /**
     * Begins to connect.
     *
     * @param receiveBuffer bytes of the kernel's buffer; 0 for its default
     */
    static Connection open(Reactor reactor, int port, int receiveBuffer, Listener listener) {
        try {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (receiveBuffer > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
            }
            Connection connection = new Connection(reactor, listener, channel);
            if (channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                // A selector does not report a connect that is complete.
                reactor.after(Duration.ZERO, connection::connect);
            }
            return connection;
        } catch (IOException e) {
            throw new AssertionError("no descriptor or port is left for the attack", e);
        }
    }

    /** Sends bytes after those that wait. */
    void write(ByteBuffer bytes) {
        if (!closed) {
            queue.add(bytes);
            flush();
        }
    }

    /** Requests more bytes each time that the socket has taken all, until the source has none. */
    void writeFrom(Supplier<@Nullable ByteBuffer> next) {
        source = next;
        exhausted = false;
        flush();
    }

    /** Whether bytes are read as they come. */
    void reading(boolean reads) {
        reading = reads;
        updateInterest();
    }

    /** Reads so many bytes a second from now on. */
    void readSlowly(int bytesPerSecond) {
        reading(false);
        ByteBuffer some = ByteBuffer.allocate(bytesPerSecond);
        reactor.after(Duration.ofSeconds(1), () -> {
            if (!closed) {
                read(some);
                readSlowly(bytesPerSecond);
            }
        });
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes in an orderly way, as far as the kernel sees it. */
    void close() {
        closed = true;
        queue.clear();
        try {
            channel.close();
        } catch (IOException e) {
            // The server has reset it.
        }
    }

    /** Closes with a TCP reset. */
    void reset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // The server has reset it.
        }
        close();
    }

    /** Handles the operations that the selector found ready. */
    void ready(ByteBuffer buffer) {
        if (key.isConnectable()) {
            connect();
            return;
        }
        if (key.isReadable()) {
            read(buffer);
        }
        if (!closed && key.isWritable()) {
            flush();
        }
    }

    private void connect() {
        try {
            channel.finishConnect();
        } catch (IOException e) {
            lose();
            return;
        }
        updateInterest();
        listener.connected();
    }

    private void read(ByteBuffer buffer) {
        buffer.clear();
        try {
            if (channel.read(buffer) < 0) {
                lose();
                return;
            }
        } catch (IOException e) {
            lose();
            return;
        }
        listener.received(buffer.flip());
    }

    /** Goes on to write when the reactor has a budget again. */
    void resume() {
        outOfBudget = false;
        flush();
    }

    private void flush() {
        if (closed || outOfBudget || !channel.isConnected()) {
            return;
        }
        try {
            long left = WRITTEN_PER_TURN;
            for (ByteBuffer next = next(); next != null && left > 0; next = next()) {
                if (!reactor.mayWrite(this)) {
                    outOfBudget = true;
                    break;
                }
                long written = channel.write(next);
                reactor.written(written);
                left -= written;
                if (next.hasRemaining()) {
                    break;
                }
                queue.poll();
            }
        } catch (IOException e) {
            lose();
            return;
        }
        updateInterest();
    }

    private @Nullable ByteBuffer next() {
        if (queue.isEmpty() && !exhausted) {
            ByteBuffer more = source.get();
            exhausted = more == null;
            if (more != null) {
                queue.add(more);
            }
        }
        return queue.peek();
    }

    private void updateInterest() {
        if (!closed && channel.isConnected()) {
            boolean writes = !outOfBudget && (!queue.isEmpty() || !exhausted);
            key.interestOps((reading ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0));
        }
    }

    private void lose() {
        if (!closed) {
            close();
            listener.lost();
        }
    }
}
