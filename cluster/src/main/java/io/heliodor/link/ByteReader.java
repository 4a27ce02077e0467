package io.heliodor.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Decodes what a {@link ByteWriter} encoded. Checks lengths before it allocates memory for them. Not thread-safe. */
public final class ByteReader {
    /**
     * Decodes a part of the bytes.
     *
     * @param <T> what the part encodes
     */
    @FunctionalInterface
    public interface Decoder<T> {
        /**
         * Decodes the next part.
         *
         * @param in where it begins; afterwards where it ends
         * @return the decoded value
         * @throws DecodeException when it is malformed
         */
        T read(ByteReader in) throws DecodeException;
    }

    private final byte[] bytes;
    private final int end;
    private int at;

    /**
     * A reader of a part of an array.
     *
     * @param bytes the array, which must not change afterwards
     * @param from the index of the first byte
     * @param to the index after the last byte
     */
    public ByteReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /**
     * A reader of an array.
     *
     * @param bytes the array, which must not change afterwards
     */
    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * Whether bytes are left.
     *
     * @return false at the end
     */
    public boolean more() {
        return at < end;
    }

    /**
     * The number of bytes that are left.
     *
     * @return 0 or more
     */
    public int left() {
        return end - at;
    }

    /**
     * Reads a byte.
     *
     * @return 0 to 255
     * @throws DecodeException at the end
     */
    public int get() throws DecodeException {
        if (at == end) {
            throw new DecodeException("ends too early");
        }
        return bytes[at++] & 0xff;
    }

    /**
     * Reads a number of variable length.
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
     * Reads the number of elements that follow.
     *
     * @param minBytes the minimum size of an element
     * @return 0 or more
     * @throws DecodeException when the bytes that are left cannot contain so many
     */
    public int count(int minBytes) throws DecodeException {
        long count = number();
        if (count < 0 || count > left() / Math.max(1, minBytes)) {
            throw new DecodeException("announces " + count + " elements, but " + left() + " bytes are left");
        }
        return (int) count;
    }

    /**
     * Reads a boolean.
     *
     * @return the value
     * @throws DecodeException when the byte is neither 0 nor 1
     */
    public boolean bool() throws DecodeException {
        return switch (get()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new DecodeException("not a boolean");
        };
    }

    /**
     * Reads an array of bytes.
     *
     * @return a copy
     * @throws DecodeException when it ends too early
     */
    public byte[] bytes() throws DecodeException {
        int length = count(1);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /**
     * Reads all bytes that are left.
     *
     * @return a copy
     */
    public byte[] rest() {
        int from = at;
        at = end;
        return Arrays.copyOfRange(bytes, from, end);
    }

    /**
     * Reads a text.
     *
     * @return the text; bytes that are not UTF-8 are replaced
     * @throws DecodeException when it ends too early
     */
    public String text() throws DecodeException {
        int length = count(1);
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /**
     * Reads a constant of an enum.
     *
     * @param all the constants
     * @param code the byte that stands for a constant
     * @param what what is read, for the failure
     * @param <E> the enum
     * @return the constant
     * @throws DecodeException when no constant has the byte
     */
    public <E> E constant(E[] all, ToIntFunction<E> code, String what) throws DecodeException {
        int next = get();
        for (E each : all) {
            if (code.applyAsInt(each) == next) {
                return each;
            }
        }
        throw new DecodeException(what + next);
    }

    /**
     * Reads a list.
     *
     * @param minBytes the minimum size of an element
     * @param element decodes one
     * @param <T> the type of element
     * @return the elements, in a list of its own
     * @throws DecodeException when the bytes that are left cannot contain so many, or one is malformed
     */
    public <T> List<T> list(int minBytes, Decoder<T> element) throws DecodeException {
        List<T> elements = new ArrayList<>();
        for (int left = count(minBytes); left > 0; left--) {
            elements.add(element.read(this));
        }
        return elements;
    }

    /**
     * Reads whether a value follows, and the value.
     *
     * @param present decodes the value
     * @param <T> the type of value
     * @return the value, or empty
     * @throws DecodeException when it is malformed
     */
    public <T> Optional<T> optional(Decoder<T> present) throws DecodeException {
        return bool() ? Optional.of(present.read(this)) : Optional.empty();
    }

    /**
     * Reads the id of a view.
     *
     * @return the id
     * @throws DecodeException when it is not one
     */
    public ViewId view() throws DecodeException {
        return new ViewId(number(), peer());
    }

    /**
     * Reads a peer.
     *
     * @return the peer
     * @throws DecodeException when it is not a peer
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
