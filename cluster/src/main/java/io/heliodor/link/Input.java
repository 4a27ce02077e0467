package io.heliodor.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what an {@link Output} wrote, and believes nothing: a length beyond the end is refused before anything is made. */
public final class Input {
    private final byte[] bytes;
    private final int end;
    private int at;

    /**
     * Reads a range of bytes.
     *
     * @param bytes where they are; not to be changed any more
     * @param from the first
     * @param to behind the last
     */
    public Input(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /**
     * Reads all of these bytes.
     *
     * @param bytes not to be changed any more
     */
    public Input(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * Whether something is left.
     *
     * @return false at the end
     */
    public boolean more() {
        return at < end;
    }

    /**
     * How much is left.
     *
     * @return bytes
     */
    public int left() {
        return end - at;
    }

    /**
     * Reads eight bits.
     *
     * @return 0 to 255
     * @throws Malformed when nothing is left
     */
    public int get() throws Malformed {
        if (at == end) {
            throw new Malformed("ends too early");
        }
        return bytes[at++] & 0xff;
    }

    /**
     * Reads a number.
     *
     * @return any number
     * @throws Malformed when it ends too early or has more than 64 bits
     */
    public long number() throws Malformed {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = get();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new Malformed("a number of more than 64 bits");
    }

    /**
     * Reads how many of something follow.
     *
     * @param least the fewest bytes that each of them takes
     * @return 0 or more, not more than there is room for in what is left
     * @throws Malformed when there cannot be so many
     */
    public int count(int least) throws Malformed {
        long count = number();
        if (count < 0 || count > left() / Math.max(1, least)) {
            throw new Malformed("says that " + count + " follow, but " + left() + " bytes are left");
        }
        return (int) count;
    }

    /**
     * Reads yes or no.
     *
     * @return which
     * @throws Malformed when it is neither
     */
    public boolean bool() throws Malformed {
        return switch (get()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new Malformed("neither yes nor no");
        };
    }

    /**
     * Reads bytes.
     *
     * @return a copy of its own
     * @throws Malformed when it ends too early
     */
    public byte[] bytes() throws Malformed {
        int length = count(1);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /**
     * Reads a text.
     *
     * @return the text; what is not UTF-8 in it is replaced
     * @throws Malformed when it ends too early
     */
    public String text() throws Malformed {
        int length = count(1);
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /**
     * Reads a peer.
     *
     * @return the peer
     * @throws Malformed when it is none
     */
    public Peer peer() throws Malformed {
        String node = text();
        long life = number();
        if (life < 0) {
            throw new Malformed("a life of 64 bits");
        }
        return new Peer(node, life);
    }
}
