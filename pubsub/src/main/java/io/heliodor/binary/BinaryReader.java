package io.heliodor.binary;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Decodes what a {@link BinaryWriter} encoded. Checks lengths before it allocates memory for them. Not thread-safe. */
public final class BinaryReader {
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
        T read(BinaryReader in) throws DecodeException;
    }

    private static final String TOO_LONG = "a number of more than 64 bits";

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
    public BinaryReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /**
     * A reader of an array.
     *
     * @param bytes the array, which must not change afterwards
     */
    public BinaryReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * Decodes a message.
     *
     * @param bytes the message
     * @param decoder decodes it
     * @param <T> what it encodes
     * @return the value; empty if the message is malformed
     */
    public static <T> Optional<T> decode(byte[] bytes, Decoder<T> decoder) {
        try {
            return Optional.of(decoder.read(new BinaryReader(bytes)));
        } catch (DecodeException e) {
            return Optional.empty();
        }
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
     * The index of the next byte.
     *
     * @return its index in the array of this reader
     */
    public int position() {
        return at;
    }

    /**
     * Checks that no bytes are left.
     *
     * @throws DecodeException when some are
     */
    public void end() throws DecodeException {
        if (more()) {
            throw new DecodeException(left() + " bytes after the last field");
        }
    }

    /**
     * Reads the version of a format, a byte.
     *
     * @param known the version that can be read
     * @throws DecodeException when it is another one
     */
    public void version(int known) throws DecodeException {
        int version = get();
        if (version != known) {
            throw new DecodeException("the version " + version + ", but " + known + " can be read");
        }
    }

    /** Passes bytes. Returns the index of the first one. */
    private int pass(int length) throws DecodeException {
        if (length > end - at) {
            throw new DecodeException("ends too early");
        }
        at += length;
        return at - length;
    }

    /**
     * Reads a byte.
     *
     * @return 0 to 255
     * @throws DecodeException at the end
     */
    public int get() throws DecodeException {
        return bytes[pass(1)] & 0xff;
    }

    /**
     * Reads a number of variable length.
     *
     * @return any number
     * @throws DecodeException when it ends too early or has more than 64 bits
     */
    public long number() throws DecodeException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = get();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                // The tenth byte has the last bit.
                if (shift == 63 && next > 1) {
                    throw new DecodeException(TOO_LONG);
                }
                return value;
            }
        }
        throw new DecodeException(TOO_LONG);
    }

    private long fixed(int length) throws DecodeException {
        long value = 0;
        for (int from = pass(length); from < at; from++) {
            value = (value << Byte.SIZE) | (bytes[from] & 0xff);
        }
        return value;
    }

    /**
     * Reads a number of two bytes.
     *
     * @return 0 to 65 535
     * @throws DecodeException when it ends too early
     */
    public int int16() throws DecodeException {
        return (int) fixed(Short.BYTES);
    }

    /**
     * Reads a number of four bytes.
     *
     * @return any number
     * @throws DecodeException when it ends too early
     */
    public int int32() throws DecodeException {
        return (int) fixed(Integer.BYTES);
    }

    /**
     * Reads a number of six bytes.
     *
     * @return 0 or more
     * @throws DecodeException when it ends too early
     */
    public long int48() throws DecodeException {
        return fixed(6);
    }

    /**
     * Reads a number of eight bytes.
     *
     * @return any number
     * @throws DecodeException when it ends too early
     */
    public long int64() throws DecodeException {
        return fixed(Long.BYTES);
    }

    private int fitting(long count, int minBytes) throws DecodeException {
        if (count < 0 || count > left() / Math.max(1, minBytes)) {
            throw new DecodeException("announces " + count + " elements, but " + left() + " bytes are left");
        }
        return (int) count;
    }

    /**
     * Reads the number of elements that follow.
     *
     * @param minBytes the minimum size of an element
     * @return 0 or more
     * @throws DecodeException when the bytes that are left cannot contain so many
     */
    public int count(int minBytes) throws DecodeException {
        return fitting(number(), minBytes);
    }

    /**
     * Reads the number of elements that follow, in four bytes.
     *
     * @param minBytes the minimum size of an element
     * @return 0 or more
     * @throws DecodeException when the bytes that are left cannot contain so many
     */
    public int int32Count(int minBytes) throws DecodeException {
        return fitting(int32(), minBytes);
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
     * Reads bytes without their length.
     *
     * @param length their number
     * @return a copy
     * @throws DecodeException when it ends too early
     */
    public byte[] bytes(int length) throws DecodeException {
        int from = pass(length);
        return Arrays.copyOfRange(bytes, from, at);
    }

    /**
     * Reads a length and bytes.
     *
     * @return a copy
     * @throws DecodeException when it ends too early
     */
    public byte[] bytes() throws DecodeException {
        return bytes(count(1));
    }

    /**
     * Reads a length of four bytes and bytes.
     *
     * @return a copy
     * @throws DecodeException when it ends too early
     */
    public byte[] int32Bytes() throws DecodeException {
        return bytes(int32Count(1));
    }

    /**
     * Passes bytes, which another reader reads.
     *
     * @param length their number
     * @return a reader of these bytes
     * @throws DecodeException when it ends too early
     */
    public BinaryReader part(int length) throws DecodeException {
        int from = pass(length);
        return new BinaryReader(bytes, from, at);
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
     * Reads a text without its length.
     *
     * @param length its number of bytes
     * @return the text; bytes that are not UTF-8 are replaced
     * @throws DecodeException when it ends too early
     */
    public String text(int length) throws DecodeException {
        return new String(bytes, pass(length), length, StandardCharsets.UTF_8);
    }

    /**
     * Reads a length and a text.
     *
     * @return the text; bytes that are not UTF-8 are replaced
     * @throws DecodeException when it ends too early
     */
    public String text() throws DecodeException {
        return text(count(1));
    }

    /**
     * Reads a length of four bytes and a text.
     *
     * @return the text; bytes that are not UTF-8 are replaced
     * @throws DecodeException when it ends too early
     */
    public String int32Text() throws DecodeException {
        return text(int32Count(1));
    }

    /**
     * Reads a length of two bytes and a text.
     *
     * @return the text; bytes that are not UTF-8 are replaced
     * @throws DecodeException when it ends too early
     */
    public String int16Text() throws DecodeException {
        return text(int16());
    }

    /**
     * Reads a length of two bytes and a text in modified UTF-8, as {@link java.io.DataInput#readUTF} does.
     *
     * @return the text
     * @throws DecodeException when it ends too early or is not modified UTF-8
     */
    public String modifiedText() throws DecodeException {
        int from = at;
        int length = int16();
        int _ = pass(length);
        try {
            return new DataInputStream(new ByteArrayInputStream(bytes, from, at - from)).readUTF();
        } catch (IOException e) {
            throw new DecodeException("not modified UTF-8");
        }
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
}
