package io.heliodor.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Encodes the fields of a message, one after the other, into an array that grows. Not thread-safe. */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    /**
     * An empty writer.
     *
     * @param expected the expected number of bytes
     */
    public ByteWriter(int expected) {
        bytes = new byte[Math.max(16, expected)];
    }

    private void ensureRoom(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length + (bytes.length >> 1)));
        }
    }

    /**
     * Adds a byte.
     *
     * @param value its low eight bits are added
     * @return this
     */
    public ByteWriter put(int value) {
        ensureRoom(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /**
     * Adds a number of variable length: one byte below 128, ten for a negative one.
     *
     * @param value any number
     * @return this
     */
    public ByteWriter number(long value) {
        ensureRoom(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /**
     * Adds a boolean.
     *
     * @param value the value
     * @return this
     */
    public ByteWriter bool(boolean value) {
        return put(value ? 1 : 0);
    }

    /**
     * Adds a length and bytes.
     *
     * @param value the bytes
     * @return this
     */
    public ByteWriter bytes(byte[] value) {
        number(value.length);
        ensureRoom(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    /**
     * Adds a text in UTF-8.
     *
     * @param value the text
     * @return this
     */
    public ByteWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds a peer.
     *
     * @param peer the peer
     * @return this
     */
    public ByteWriter peer(Peer peer) {
        return text(peer.node()).number(peer.incarnation());
    }

    /**
     * Adds the id of a view.
     *
     * @param id the id
     * @return this
     */
    public ByteWriter view(ViewId id) {
        return number(id.number()).peer(id.creator());
    }

    /**
     * Adds an object.
     *
     * @param value the object
     * @param write adds its fields
     * @param <T> its type
     * @return this
     */
    public <T> ByteWriter object(T value, BiConsumer<? super T, ByteWriter> write) {
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
    public <T> ByteWriter list(List<T> elements, BiConsumer<? super T, ByteWriter> write) {
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
    public <T> ByteWriter optional(Optional<T> value, BiConsumer<? super T, ByteWriter> write) {
        bool(value.isPresent());
        value.ifPresent(present -> write.accept(present, this));
        return this;
    }

    /**
     * All bytes so far.
     *
     * @return a copy
     */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
