package io.heliodor.binary;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Encodes the fields of a message, one after the other, into an array that grows. Numbers of fixed length have their high byte first.
 * Not thread-safe.
 */
public final class BinaryWriter {
    private static final int MAX_UNSIGNED_SHORT = 0xffff;

    private byte[] bytes;
    private int size;

    /**
     * An empty writer.
     *
     * @param expected the expected number of bytes; if it is exact, {@link #toBytes} copies nothing
     */
    public BinaryWriter(int expected) {
        bytes = new byte[expected];
    }

    private void ensureRoom(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + Math.max(16, more), bytes.length + (bytes.length >> 1)));
        }
    }

    /**
     * Adds a byte.
     *
     * @param value its low eight bits are added
     * @return this
     */
    public BinaryWriter put(int value) {
        ensureRoom(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /**
     * Adds a number of variable length: seven bits in each byte, the low ones first.
     *
     * @param value any number
     * @return this
     */
    public BinaryWriter number(long value) {
        ensureRoom(width(value));
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /**
     * The size of a number of variable length.
     *
     * @param value any number
     * @return the number of bytes: 1 below 128, 10 for a negative number
     */
    public static int width(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private BinaryWriter fixed(long value, int length) {
        ensureRoom(length);
        for (int shift = Byte.SIZE * (length - 1); shift >= 0; shift -= Byte.SIZE) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    /**
     * Adds a number of two bytes.
     *
     * @param value its low 16 bits are added
     * @return this
     */
    public BinaryWriter int16(int value) {
        return fixed(value, Short.BYTES);
    }

    /**
     * Adds a number of four bytes.
     *
     * @param value any number
     * @return this
     */
    public BinaryWriter int32(int value) {
        return fixed(value, Integer.BYTES);
    }

    /**
     * Adds a number of six bytes.
     *
     * @param value its low 48 bits are added
     * @return this
     */
    public BinaryWriter int48(long value) {
        return fixed(value, 6);
    }

    /**
     * Adds a number of eight bytes.
     *
     * @param value any number
     * @return this
     */
    public BinaryWriter int64(long value) {
        return fixed(value, Long.BYTES);
    }

    /**
     * Adds a boolean.
     *
     * @param value the value
     * @return this
     */
    public BinaryWriter bool(boolean value) {
        return put(value ? 1 : 0);
    }

    /**
     * Adds bytes without their length.
     *
     * @param source an array that contains them
     * @param from the index of the first byte
     * @param length the number of bytes
     * @return this
     */
    public BinaryWriter append(byte[] source, int from, int length) {
        ensureRoom(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
        return this;
    }

    /**
     * Adds bytes without their length.
     *
     * @param value the bytes
     * @return this
     */
    public BinaryWriter append(byte[] value) {
        return append(value, 0, value.length);
    }

    /**
     * Adds the bytes of another writer without their length.
     *
     * @param other the other writer
     * @return this
     */
    public BinaryWriter append(BinaryWriter other) {
        return append(other.bytes, 0, other.size);
    }

    /**
     * Adds a length of variable length and bytes.
     *
     * @param value the bytes
     * @return this
     */
    public BinaryWriter bytes(byte[] value) {
        return number(value.length).append(value);
    }

    /**
     * Adds a length of four bytes and bytes.
     *
     * @param value the bytes
     * @return this
     */
    public BinaryWriter int32Bytes(byte[] value) {
        return int32(value.length).append(value);
    }

    /**
     * Adds a length of variable length and a text in UTF-8.
     *
     * @param value the text
     * @return this
     */
    public BinaryWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds a length of four bytes and a text in UTF-8.
     *
     * @param value the text
     * @return this
     */
    public BinaryWriter int32Text(String value) {
        return int32Bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds a length of two bytes and a text in UTF-8.
     *
     * @param value the text, at most 65 535 bytes
     * @return this
     */
    public BinaryWriter int16Text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return int16(unsignedShort(utf8.length)).append(utf8);
    }

    /**
     * Adds a length of two bytes and a text in modified UTF-8, as {@link java.io.DataOutput#writeUTF} does.
     *
     * @param value the text, at most 65 535 bytes
     * @return this
     */
    public BinaryWriter modifiedText(String value) {
        int length = 0;
        for (int i = 0; i < value.length(); i++) {
            length += modifiedWidth(value.charAt(i));
        }
        int16(unsignedShort(length)).ensureRoom(length);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (modifiedWidth(c)) {
                case 1 -> put(c);
                case 2 -> put(0xc0 | (c >> 6)).put(0x80 | (c & 0x3f));
                default -> put(0xe0 | (c >> 12)).put(0x80 | ((c >> 6) & 0x3f)).put(0x80 | (c & 0x3f));
            }
        }
        return this;
    }

    private static int modifiedWidth(char c) {
        if (c > 0x7ff) {
            return 3;
        }
        return c == 0 || c > 0x7f ? 2 : 1;
    }

    private static int unsignedShort(int length) {
        if (length > MAX_UNSIGNED_SHORT) {
            throw new IllegalArgumentException(
                    "The text has " + length + " bytes, at most " + MAX_UNSIGNED_SHORT + " are allowed");
        }
        return length;
    }

    /**
     * Adds an object.
     *
     * @param value the object
     * @param write adds its fields
     * @param <T> its type
     * @return this
     */
    public <T> BinaryWriter object(T value, BiConsumer<? super T, BinaryWriter> write) {
        write.accept(value, this);
        return this;
    }

    /**
     * Adds the number of elements and the elements.
     *
     * @param elements the elements
     * @param write adds one
     * @param <T> the type of element
     * @return this
     */
    public <T> BinaryWriter list(List<T> elements, BiConsumer<? super T, BinaryWriter> write) {
        number(elements.size());
        elements.forEach(element -> write.accept(element, this));
        return this;
    }

    /**
     * Adds whether there is a value, and the value.
     *
     * @param value the value
     * @param write adds it
     * @param <T> the type of value
     * @return this
     */
    public <T> BinaryWriter optional(Optional<T> value, BiConsumer<? super T, BinaryWriter> write) {
        bool(value.isPresent());
        value.ifPresent(present -> write.accept(present, this));
        return this;
    }

    /**
     * The number of bytes so far.
     *
     * @return 0 or more
     */
    public int size() {
        return size;
    }

    /**
     * All bytes so far.
     *
     * @return an array of them, which does not change when others are added
     */
    public byte[] toBytes() {
        // Any other byte goes into another array.
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
