package io.heliodor.wire;

import java.nio.charset.StandardCharsets;

/** Bytes of text, and bytes on their way into a message. */
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
     * @return the place behind them
     */
    static int put(byte[] bytes, byte[] message, int at) {
        return put(bytes, 0, bytes.length, message, at);
    }

    /**
     * Writes a JSON value.
     *
     * @return the place behind it
     */
    static int put(Payload.Json json, byte[] message, int at) {
        return put(json.bytes(), json.from(), json.to(), message, at);
    }

    /**
     * Writes a slice.
     *
     * @return the place behind it
     */
    static int put(byte[] bytes, int from, int to, byte[] message, int at) {
        System.arraycopy(bytes, from, message, at, to - from);
        return at + to - from;
    }
}
