package io.heliodor.transport.frame;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.zip.Deflater;

/**
 * Compresses messages (RFC 7692), each without context of others, so that one result serves many clients and no connection
 * keeps a window. Used by one event loop.
 */
public final class MessageDeflater implements AutoCloseable {
    /**
     * Shorter messages are sent as they are: they contain little repetition, and fit into one packet in any case.
     */
    public static final int LEAST_BYTES = 128;

    /** The bytes that one turn of the loop compresses at most, which takes up to 30 ms; further messages are sent plain. */
    static final long MAX_BYTES_PER_TURN = 1 << 20;

    /** The end of each flush, 00 00 ff ff, which is not sent. */
    private static final int TAIL_BYTES = 4;

    // A higher level saves a tenth more of 1 kB of JSON, and takes up to twice the time for larger messages.
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final Executor afterTasks;
    private final Runnable endTurn = this::endTurn;
    private long messages;

    /** The bytes compressed since the loop's last I/O. */
    private long turnBytes;

    /**
     * A deflater for one event loop.
     *
     * @param afterTasks runs a task before the loop's next I/O
     */
    public MessageDeflater(Executor afterTasks) {
        this.afterTasks = afterTasks;
    }

    /** Compresses a message; empty if the result is not smaller, or if this turn of the loop has compressed enough. */
    public Optional<byte[]> compress(ByteBuffer message) {
        int length = message.remaining();
        if (length < LEAST_BYTES || !mayCompress(length)) {
            return Optional.empty();
        }
        messages++;
        byte[] out = new byte[length];
        deflater.setInput(message);
        // In one call: a result that does not fit is not smaller.
        int count = deflater.deflate(out, 0, length, Deflater.SYNC_FLUSH);
        // Now, so that it keeps no reference to a pooled buffer.
        deflater.reset();
        return count == length ? Optional.empty() : Optional.of(Arrays.copyOf(out, count - TAIL_BYTES));
    }

    /** Whether this turn of the loop may compress a message; the first one always. */
    private boolean mayCompress(int length) {
        if (turnBytes == 0) {
            afterTasks.execute(endTurn);
        } else if (turnBytes + length > MAX_BYTES_PER_TURN) {
            return false;
        }
        turnBytes += length;
        return true;
    }

    private void endTurn() {
        turnBytes = 0;
    }

    /** Compresses those of some frames that become smaller. The caller releases the result. */
    public ByteBuf frames(ByteBuf plain) {
        int end = plain.writerIndex();
        ByteBuf out = plain.alloc().directBuffer(plain.readableBytes(), plain.readableBytes());
        int at = plain.readerIndex();
        while (at < end) {
            int length = FrameLayout.length(plain, at);
            int header = FrameLayout.size(length) - length;
            int first = plain.getUnsignedByte(at);
            Optional<byte[]> smaller = compress(plain.nioBuffer(at + header, length));
            if (smaller.isPresent()) {
                FrameLayout.write(out, FrameLayout.RSV1 | first, smaller.get());
            } else {
                out.writeBytes(plain, at, header + length);
            }
            at += header + length;
        }
        return out;
    }

    /** The number of messages that it has tried to compress. */
    public long messages() {
        return messages;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
