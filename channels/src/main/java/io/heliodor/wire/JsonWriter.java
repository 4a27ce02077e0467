package io.heliodor.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts JSON together from pieces. The caller sees to it that they fit. Not for several threads at once. */
public final class JsonWriter {
    private byte[] bytes = new byte[256];
    private int length;

    /** Nothing yet. */
    public JsonWriter() {}

    /**
     * Appends text as it is.
     *
     * @param ascii characters of ASCII
     * @return this
     */
    @SuppressWarnings("deprecation") // of ASCII, the low bytes are the characters
    public JsonWriter raw(String ascii) {
        room(ascii.length());
        ascii.getBytes(0, ascii.length(), bytes, length);
        length += ascii.length();
        return this;
    }

    /**
     * Appends bytes as they are.
     *
     * @param source what holds them
     * @param from the first
     * @param to behind the last
     * @return this
     */
    public JsonWriter raw(byte[] source, int from, int to) {
        room(to - from);
        System.arraycopy(source, from, bytes, length, to - from);
        length += to - from;
        return this;
    }

    /**
     * Appends a string with its quotes.
     *
     * @param text any text
     * @return this
     */
    public JsonWriter string(String text) {
        room(JsonString.quotedLength(text));
        length = JsonString.quote(text, bytes, length);
        return this;
    }

    /**
     * Makes room for something long, so that it is not copied again and again as it grows.
     *
     * @param bytes about how many more will follow
     */
    public void expect(int bytes) {
        room(bytes);
    }

    /**
     * Takes back what was appended last.
     *
     * @param bytes how much is left
     */
    public void cut(int bytes) {
        length = bytes;
    }

    /**
     * How much there is.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /**
     * What was put together.
     *
     * @return the whole; nothing is to be appended any more
     */
    public Payload.Json payload() {
        return new Payload.Json(bytes, 0, length);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
