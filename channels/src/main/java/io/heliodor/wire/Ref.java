package io.heliodor.wire;

import io.heliodor.event.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@code ref} or {@code join_ref}: a JSON scalar, which is echoed unchanged and compared byte by byte ({@code "1"} is not
 * {@code 1}).
 */
public final class Ref {
    /** No ref. */
    public static final Ref NULL = new Ref(new byte[] {'n', 'u', 'l', 'l'});

    private final byte[] json;

    private Ref(byte[] json) {
        this.json = json;
    }

    /**
     * A ref from its JSON text, which must be a scalar.
     *
     * @param source an array that contains it
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return the ref
     */
    public static Ref of(byte[] source, int from, int to) {
        return source[from] == 'n' ? NULL : new Ref(Arrays.copyOfRange(source, from, to));
    }

    /**
     * A ref that is a string.
     *
     * @param text its text
     * @return the ref
     */
    public static Ref of(String text) {
        return new Ref(JsonString.quoted(text));
    }

    /** The text without quotes, as in binary messages; empty for {@link #NULL}. */
    byte[] text() {
        if (isNull()) {
            return new byte[0];
        }
        return json[0] == '"' ? JsonString.unescaped(json, 1, json.length - 1).getBytes(StandardCharsets.UTF_8) : json;
    }

    /**
     * Whether this is {@link #NULL}.
     *
     * @return whether it is {@code null} on the wire
     */
    public boolean isNull() {
        return json[0] == 'n';
    }

    /**
     * The JSON text. It is not a copy, and must not be modified.
     *
     * @return the bytes
     */
    public byte[] json() {
        return json;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Ref that && Arrays.equals(json, that.json);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(json);
    }

    @Override
    public String toString() {
        return new String(json, StandardCharsets.UTF_8);
    }
}
