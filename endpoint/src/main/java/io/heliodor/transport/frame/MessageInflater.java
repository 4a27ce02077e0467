package io.heliodor.transport.frame;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses messages (RFC 7692), each without context of others, up to the limit for messages. Used by one event loop.
 */
public final class MessageInflater implements AutoCloseable {
    /** The result for a message. */
    sealed interface Inflated {}

    /** The decompressed message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(byte[] bytes) implements Inflated {}

    /** The message would exceed the limit. */
    record TooLarge() implements Inflated {}

    /** The bytes are not a compressed message. */
    record Corrupt() implements Inflated {}

    /**
     * The tail that a sender removes, followed by an empty last block. A message that does not end at a block boundary is
     * detected as truncated.
     */
    private static final byte[] END = {0, 0, -1, -1, 1, 0, 0, -1, -1};

    /** The maximum of last blocks in one message: each restarts the inflater, and a normal message has one. */
    private static final int MAX_LAST_BLOCKS = 1_024;

    private static final int WINDOW = 1 << 15;
    private static final int INITIAL_CAPACITY = 4 << 10;

    private final Inflater inflater = new Inflater(true);

    /** The output buffer. It grows up to one byte over the limit, and is kept. */
    private byte[] out = new byte[INITIAL_CAPACITY];

    /** The maximum of a compressed message. Incompressible bytes grow by an eighth in the worst encoding. */
    static int maxCompressed(int maxBytes) {
        return maxBytes + maxBytes / 8 + 64;
    }

    /** Decompresses a whole message. */
    Inflated inflate(byte[] message, int maxBytes) {
        byte[] in = Arrays.copyOf(message, message.length + END.length);
        System.arraycopy(END, 0, in, message.length, END.length);
        inflater.setInput(in);
        int room = (int) Math.min(4L * message.length, maxBytes + 1L);
        if (out.length < room) {
            out = new byte[room];
        }
        try {
            return inflateInput(in, maxBytes);
        } catch (DataFormatException e) {
            return new Corrupt();
        } finally {
            inflater.reset();
        }
    }

    /** Inflates into a buffer of one byte more than the limit, which detects a message that exceeds it. */
    private Inflated inflateInput(byte[] in, int maxBytes) throws DataFormatException {
        int count = 0;
        int lastBlocks = 0;
        while (true) {
            count += inflater.inflate(out, count, out.length - count);
            if (count > maxBytes) {
                return new TooLarge();
            }
            if (inflater.finished()) {
                int rest = inflater.getRemaining();
                if (rest == 0) {
                    return new Message(Arrays.copyOf(out, count));
                }
                if (++lastBlocks > MAX_LAST_BLOCKS) {
                    return new Corrupt();
                }
                inflater.reset();
                inflater.setDictionary(out, Math.max(0, count - WINDOW), Math.min(count, WINDOW));
                inflater.setInput(in, in.length - rest, rest);
            } else if (count < out.length) {
                return new Corrupt();
            } else {
                out = Arrays.copyOf(out, (int) Math.min(2L * out.length, maxBytes + 1L));
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
