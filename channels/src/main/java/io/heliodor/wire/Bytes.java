package io.heliodor.wire;

import java.nio.charset.StandardCharsets;

/** Conversion between strings and UTF-8, and writing of bytes into a message. */
final class Bytes {
    private Bytes() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String utf8(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /**
     * Writes bytes.
     *
     * @return the index after them
     */
    static int put(byte[] bytes, byte[] message, int at) {
        return put(bytes, 0, bytes.length, message, at);
    }

    /**
     * Writes a payload.
     *
     * @return the index after it
     */
    static int put(Payload payload, byte[] message, int at) {
        return put(payload.bytes(), payload.from(), payload.to(), message, at);
    }

    /**
     * Writes a slice.
     *
     * @return the index after it
     */
    static int put(byte[] bytes, int from, int to, byte[] message, int at) {
        System.arraycopy(bytes, from, message, at, to - from);
        return at + to - from;
    }
}
