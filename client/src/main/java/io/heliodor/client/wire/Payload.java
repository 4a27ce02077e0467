package io.heliodor.client.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A JSON value or bytes: a slice of an array that is never modified. Two are equal if kind and bytes are. */
public final class Payload {
    private static final JsonMapper TREES = new JsonMapper();

    private final boolean binary;
    private final byte[] bytes;
    private final int from;
    private final int to;

    private Payload(boolean binary, byte[] bytes, int from, int to) {
        this.binary = binary;
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /**
     * A valid JSON value.
     *
     * @param bytes an array that contains it, which is not copied
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return the payload
     */
    public static Payload json(byte[] bytes, int from, int to) {
        return new Payload(false, bytes, from, to);
    }

    /**
     * A valid JSON value.
     *
     * @param text its text
     * @return the payload
     */
    public static Payload json(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return json(bytes, 0, bytes.length);
    }

    /**
     * Bytes.
     *
     * @param bytes an array that contains them, which is not copied
     * @param from the index of the first one
     * @param to the index after the last one
     * @return the payload
     */
    public static Payload binary(byte[] bytes, int from, int to) {
        return new Payload(true, bytes, from, to);
    }

    /**
     * The kind.
     *
     * @return whether it is bytes and not JSON
     */
    public boolean isBinary() {
        return binary;
    }

    /**
     * The length.
     *
     * @return bytes
     */
    public int length() {
        return to - from;
    }

    /**
     * The content.
     *
     * @return a read-only view
     */
    public ByteBuffer content() {
        return ByteBuffer.wrap(bytes, from, to - from).slice().asReadOnlyBuffer();
    }

    /**
     * The content.
     *
     * @return a copy
     */
    public byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /**
     * The array, for readers that do not modify it.
     *
     * @return the array
     */
    public byte[] array() {
        return bytes;
    }

    /**
     * The index of the first byte.
     *
     * @return an index of {@link #array}
     */
    public int from() {
        return from;
    }

    /**
     * The JSON value as text.
     *
     * @return the text; that of the bytes if it is binary
     */
    public String text() {
        return new String(bytes, from, to - from, UTF_8);
    }

    /**
     * The JSON value as a tree.
     *
     * @return the tree; a missing node if it is binary, or beyond the limits of the parser
     */
    public JsonNode tree() {
        if (binary) {
            return MissingNode.getInstance();
        }
        try {
            return TREES.readTree(bytes, from, to - from);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    /**
     * This object with one more field, which takes the place of an equal one.
     *
     * @param name the name, without characters that JSON escapes
     * @param value the text, without such characters
     * @return a JSON object
     */
    public Payload with(String name, String value) {
        int end = to - 1;
        while (bytes[end] != '}') {
            end--;
        }
        int last = end - 1;
        while (bytes[last] <= ' ') {
            last--;
        }
        String field = (bytes[last] == '{' ? "\"" : ",\"") + name + "\":\"" + value + "\"}";
        byte[] added = field.getBytes(UTF_8);
        byte[] all = Arrays.copyOfRange(bytes, from, end + added.length);
        System.arraycopy(added, 0, all, end - from, added.length);
        return json(all, 0, end - from + added.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload that
                && binary == that.binary
                && Arrays.equals(bytes, from, to, that.bytes, that.from, that.to);
    }

    @Override
    public int hashCode() {
        return content().hashCode();
    }

    /** Its size only: messages must not appear in logs. */
    @Override
    public String toString() {
        return (binary ? "binary" : "json") + "[" + length() + "]";
    }
}
