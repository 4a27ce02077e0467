package io.heliodor.transport.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * The allocator of one connection's read buffers, whose size follows what the client sends: sixteen times as large after a full
 * buffer, half as large after two turns that read less than half of one. One object for each connection, where Netty's own has
 * six. Used on the loop of the connection.
 *
 * <p>On io_uring it never throws: in Netty 4.2.18 the error would end the event loop and all its connections. Without memory the
 * read gets an empty buffer, and the connection's handlers get the error as from a failed read.
 */
public final class ReadBuffers implements RecvByteBufAllocator, ExtendedHandle {
    static final int MIN_BYTES = 512;
    static final int MAX_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 2 << 10;
    private static final int GROWTH = 16;

    /** Then the other connections of the loop are read. */
    private static final int MAX_READS_PER_TURN = 16;

    private final Channel channel;
    private final boolean throwing;
    private int size = FIRST_BYTES;

    /** Whether the last turn has read less than half of a buffer. */
    private boolean wasSmall;

    // The present turn.

    private int attempted;
    private int last;
    private int total;
    private int reads;

    private ReadBuffers(Channel channel, boolean throwing) {
        this.channel = channel;
        this.throwing = throwing;
    }

    /**
     * Has a connection read with buffers of this kind, before it is read.
     *
     * @param channel the connection
     * @param backend its backend
     */
    public static void allocate(Channel channel, IoBackend backend) {
        channel.config().setRecvByteBufAllocator(new ReadBuffers(channel, backend != IoBackend.IO_URING));
    }

    @Override
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        try {
            return allocator.ioBuffer(size);
        } catch (OutOfMemoryError e) {
            if (throwing) {
                throw e;
            }
            // Later, because the caller is in the middle of a change of the channel's state.
            channel.eventLoop().execute(() -> channel.pipeline().fireExceptionCaught(e));
            return Unpooled.EMPTY_BUFFER;
        }
    }

    @Override
    public int guess() {
        return size;
    }

    @Override
    public void reset(ChannelConfig config) {
        total = 0;
        reads = 0;
    }

    @Override
    public void incMessagesRead(int number) {
        reads += number;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public void lastBytesRead(int bytes) {
        last = bytes;
        if (bytes > 0) {
            total += bytes;
            if (bytes == attempted) {
                grow(bytes);
            }
        }
    }

    @Override
    public int lastBytesRead() {
        return last;
    }

    @Override
    public boolean continueReading() {
        return mayContinue() && attempted == last;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return mayContinue() && maybeMore.get();
    }

    private boolean mayContinue() {
        return total > 0 && reads < MAX_READS_PER_TURN && channel.config().isAutoRead();
    }

    @Override
    public void readComplete() {
        if (total > size / 2) {
            grow(total);
            return;
        }
        if (wasSmall) {
            size = Math.max(MIN_BYTES, size / 2);
        }
        wasSmall = !wasSmall;
    }

    private void grow(int bytes) {
        wasSmall = false;
        if (bytes >= size) {
            size = Math.min(MAX_BYTES, size * GROWTH);
        }
    }
}
