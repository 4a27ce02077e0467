package io.heliodor.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The fields of a message as bytes, one after the other. Not thread-safe. */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    /**
     * An empty one.
     *
     * @param expected how many bytes will come, as far as is known
     */
    public ByteWriter(int expected) {
        bytes = new byte[Math.max(16, expected)];
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length + (bytes.length >> 1)));
        }
    }

    /**
     * Adds eight bits.
     *
     * @param value the low eight bits count
     * @return this
     */
    public ByteWriter put(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /**
     * Adds a number in as few bytes as it needs: one below 128, ten for a negative one.
     *
     * @param value any number
     * @return this
     */
    public ByteWriter number(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /**
     * Adds yes or no.
     *
     * @param value which
     * @return this
     */
    public ByteWriter bool(boolean value) {
        return put(value ? 1 : 0);
    }

    /**
     * Adds bytes and their number.
     *
     * @param value the bytes
     * @return this
     */
    public ByteWriter bytes(byte[] value) {
        number(value.length);
        room(value.length);
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
     * @param peer which
     * @return this
     */
    public ByteWriter peer(Peer peer) {
        return text(peer.node()).number(peer.incarnation());
    }

    /**
     * How much there is.
     *
     * @return bytes
     */
    public int size() {
        return size;
    }

    /**
     * What was written.
     *
     * @return a copy of its own
     */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
