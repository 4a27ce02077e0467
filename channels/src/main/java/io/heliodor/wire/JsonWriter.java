package io.heliodor.wire;

import io.heliodor.event.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A writer of JSON text, without validation. Not thread-safe. */
public final class JsonWriter {
    private byte[] bytes = new byte[256];
    private int length;

    /** An empty writer. */
    public JsonWriter() {}

    /**
     * Appends text unchanged.
     *
     * @param ascii characters of ASCII
     * @return this
     */
    @SuppressWarnings("deprecation") // of ASCII, the low bytes are the characters
    public JsonWriter raw(String ascii) {
        expect(ascii.length());
        ascii.getBytes(0, ascii.length(), bytes, length);
        length += ascii.length();
        return this;
    }

    /**
     * Appends bytes unchanged.
     *
     * @param source an array that contains them
     * @param from the index of the first
     * @param to the index after the last
     * @return this
     */
    public JsonWriter raw(byte[] source, int from, int to) {
        expect(to - from);
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
        expect(JsonString.quotedLength(text));
        length = JsonString.quote(text, bytes, length);
        return this;
    }

    /**
     * Ensures the capacity for a long text, which is then not copied several times while it grows.
     *
     * @param more the approximate number of bytes that will follow
     */
    public void expect(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /**
     * Removes the end of the text.
     *
     * @param bytes the remaining length
     */
    public void cut(int bytes) {
        length = bytes;
    }

    /**
     * The length of the text.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    /**
     * The text.
     *
     * @return the text, which shares the array of this writer: nothing may be appended any more
     */
    public Payload.Json payload() {
        return new Payload.Json(bytes, 0, length);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
