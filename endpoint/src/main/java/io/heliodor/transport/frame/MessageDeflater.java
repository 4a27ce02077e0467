package io.heliodor.transport.frame;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.zip.Deflater;

/**
 * Compresses messages for clients that negotiated it (RFC 7692), each by itself: so one result serves many clients, and
 * no connection keeps a window. Used on one event loop.
 */
public final class MessageDeflater implements AutoCloseable {
    /**
     * Messages below this stay as they are: they repeat little, so they hardly shrink, and either way they are one
     * packet, of which the headers are the larger part.
     */
    public static final int LEAST_BYTES = 128;

    /** More is sent plain: a loop that compresses reads and writes nothing meanwhile, and a MiB takes it up to 30 ms. */
    static final long MAX_BYTES_PER_PASS = 1 << 20;

    /** The end of each flush, 00 00 ff ff, which is not sent. */
    private static final int TAIL_BYTES = 4;

    // Harder would save a tenth more of 1 kB of JSON, and take up
    // to
    // twice the time for larger messages.
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final Executor afterTasks;
    private final Runnable endPass = this::endPass;
    private long messages;

    /** The bytes of the messages since the loop last read and wrote its sockets. */
    private long passBytes;

    /**
     * For one event loop.
     *
     * @param afterTasks runs a task before the loop reads and writes its sockets again
     */
    public MessageDeflater(Executor afterTasks) {
        this.afterTasks = afterTasks;
    }

    /** A message compressed; empty if that is not smaller, or if enough was compressed in this pass of the loop. */
    public Optional<byte[]> compress(ByteBuffer message) {
        int length = message.remaining();
        if (length < LEAST_BYTES || !takes(length)) {
            return Optional.empty();
        }
        messages++;
        byte[] out = new byte[length];
        deflater.setInput(message);
        // In one call: what does not fit is not smaller.
        int count = deflater.deflate(out, 0, length, Deflater.SYNC_FLUSH);
        // At once, so that it keeps no buffer that goes back to the pool.
        deflater.reset();
        return count == length ? Optional.empty() : Optional.of(Arrays.copyOf(out, count - TAIL_BYTES));
    }

    /** Whether it compresses a message in this pass; the first one in any case. */
    private boolean takes(int length) {
        if (passBytes == 0) {
            afterTasks.execute(endPass);
        } else if (passBytes + length > MAX_BYTES_PER_PASS) {
            return false;
        }
        passBytes += length;
        return true;
    }

    private void endPass() {
        passBytes = 0;
    }

    /** The same frames, compressed where that makes them smaller; to be released once. */
    public ByteBuf frames(ByteBuf plain) {
        int end = plain.writerIndex();
        ByteBuf out = plain.alloc().directBuffer(plain.readableBytes(), plain.readableBytes());
        int at = plain.readerIndex();
        while (at < end) {
            int length = Frames.length(plain, at);
            int header = Frames.size(length) - length;
            int first = plain.getUnsignedByte(at);
            Optional<byte[]> smaller = compress(plain.nioBuffer(at + header, length));
            if (smaller.isPresent()) {
                Frames.write(out, Frames.RSV1 | first, smaller.get());
            } else {
                out.writeBytes(plain, at, header + length);
            }
            at += header + length;
        }
        return out;
    }

    /** How many messages it has tried to compress. */
    public long messages() {
        return messages;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
