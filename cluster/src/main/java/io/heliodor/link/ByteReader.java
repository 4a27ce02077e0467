package io.heliodor.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what an {@link ByteWriter} wrote, and believes nothing: a length beyond the end is refused before anything is made. */
public final class ByteReader {
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
    public ByteReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /**
     * Reads all of these bytes.
     *
     * @param bytes not to be changed any more
     */
    public ByteReader(byte[] bytes) {
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
     * @throws DecodeException when nothing is left
     */
    public int get() throws DecodeException {
        if (at == end) {
            throw new DecodeException("ends too early");
        }
        return bytes[at++] & 0xff;
    }

    /**
     * Reads a number.
     *
     * @return any number
     * @throws DecodeException when it ends too early or has more than 64 bits
     */
    public long number() throws DecodeException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = get();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new DecodeException("a number of more than 64 bits");
    }

    /**
     * Reads how many of something follow.
     *
     * @param least the fewest bytes that each of them takes
     * @return 0 or more, not more than there is room for in what is left
     * @throws DecodeException when there cannot be so many
     */
    public int count(int least) throws DecodeException {
        long count = number();
        if (count < 0 || count > left() / Math.max(1, least)) {
            throw new DecodeException("says that " + count + " follow, but " + left() + " bytes are left");
        }
        return (int) count;
    }

    /**
     * Reads yes or no.
     *
     * @return which
     * @throws DecodeException when it is neither
     */
    public boolean bool() throws DecodeException {
        return switch (get()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new DecodeException("neither yes nor no");
        };
    }

    /**
     * Reads bytes.
     *
     * @return a copy of its own
     * @throws DecodeException when it ends too early
     */
    public byte[] bytes() throws DecodeException {
        int length = count(1);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /**
     * Reads a text.
     *
     * @return the text; what is not UTF-8 in it is replaced
     * @throws DecodeException when it ends too early
     */
    public String text() throws DecodeException {
        int length = count(1);
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /**
     * Reads a peer.
     *
     * @return the peer
     * @throws DecodeException when it is none
     */
    public Peer peer() throws DecodeException {
        String node = text();
        long incarnation = number();
        if (incarnation < 0) {
            throw new DecodeException("an incarnation of 64 bits");
        }
        return new Peer(node, incarnation);
    }
}
