package io.heliodor.transport.frame;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads compressed messages (RFC 7692), each by itself. What it makes of a message is bounded by the limit for messages,
 * whatever the message could become. Used on one event loop.
 */
public final class MessageInflater implements AutoCloseable {
    /** What became of a message. */
    sealed interface Inflated {}

    /** It was read. */
    static final class Message implements Inflated {
        final byte[] bytes;

        Message(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /** It is more than the limit. */
    record TooLarge() implements Inflated {}

    /** It is no compressed message. */
    record Corrupt() implements Inflated {}

    /**
     * The end that a sender takes away, and behind it an empty last block. Only a message that ends where a block ends
     * is over with this, so one that was cut off is known.
     */
    private static final byte[] END = {0, 0, -1, -1, 1, 0, 0, -1, -1};

    /** A block may call itself the last one and have another behind it. Each costs a start; nobody needs many. */
    private static final int MAX_LAST_BLOCKS = 1_024;

    private static final int WINDOW = 1 << 15;
    private static final int FIRST_ROOM = 4 << 10;

    private final Inflater inflater = new Inflater(true);

    /** The buffer into which a message is inflated; grows up to one byte over the limit, and stays. */
    private byte[] out = new byte[FIRST_ROOM];

    /** How large a compressed message may be. What does not shrink grows, by an eighth with the poorest of codes. */
    static int maxCompressed(int maxBytes) {
        return maxBytes + maxBytes / 8 + 64;
    }

    /** Reads a whole message. */
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

    /** With room for one byte over the limit, which tells that there is more. */
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
