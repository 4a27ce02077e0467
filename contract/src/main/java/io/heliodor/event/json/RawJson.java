package io.heliodor.event.json;

import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A JSON value in an array of bytes that is never modified. Two are equal if their bytes are. */
public final class RawJson implements Raw {
    /** The frame of a client is an array around its payload, and counts for the depth. */
    private static final int FRAME_DEPTH = 1;

    private final byte[] bytes;
    private final int from;
    private final int to;

    /**
     * A value that was validated before.
     *
     * @param bytes an array that contains it, which is not copied
     * @param from the index of its first byte
     * @param to the index after its last byte
     */
    public RawJson(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /**
     * Validates the bytes of a text.
     *
     * @param json the text, which is copied
     * @param profile the rules
     * @return the value without the white space around it
     * @throws IllegalArgumentException if it is not valid
     */
    public static RawJson validated(byte[] json, JsonProfile profile) {
        return of(json.clone(), profile);
    }

    /**
     * Validates a text.
     *
     * @param json the text
     * @param profile the rules
     * @return the value without the white space around it
     * @throws IllegalArgumentException if it is not valid
     */
    public static RawJson validated(String json, JsonProfile profile) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return of(bytes, profile);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "A raw payload has half of a surrogate pair, which UTF-8 cannot represent; write it as an escape"
                            + " sequence, such as \\ud800.",
                    e);
        }
    }

    private static RawJson of(byte[] json, JsonProfile profile) {
        int length = json.length;
        long from = JsonScanner.space(json, JsonScanner.start(0), length);
        long end = JsonScanner.value(json, from, length, FRAME_DEPTH);
        long rest = JsonScanner.space(json, end, length);
        if (rest < 0 || JsonScanner.at(rest) != length) {
            throw new IllegalArgumentException("A raw payload of " + length + " bytes is not "
                    + (rest == JsonScanner.NOT_UTF8 ? "UTF-8" : "one JSON value")
                    + "; give the whole text of an object, or of another value, in UTF-8.");
        }
        JsonLimit limit = JsonScanner.exceeded(rest);
        if (limit != null) {
            throw new IllegalArgumentException("A raw payload of " + length + " bytes " + limit.excess()
                    + ", the limit for payloads of clients; give a smaller one.");
        }
        RawJson raw = new RawJson(json, JsonScanner.at(from), JsonScanner.at(end));
        String problem = raw.problem(profile);
        if (problem != null) {
            throw new IllegalArgumentException(
                    "A raw payload of " + length + " bytes " + problem + ", which JsonProfile." + profile
                            + " refuses; correct it, or pass it on by JsonProfile.RFC_8259.");
        }
        return raw;
    }

    /**
     * The reason for which a profile refuses the value.
     *
     * @param profile the profile
     * @return a phrase for the client; null if it is valid
     */
    public @Nullable String problem(JsonProfile profile) {
        return switch (profile) {
            case RFC_8259 -> null;
            case I_JSON -> InteroperableJson.problem(bytes, from, to);
        };
    }

    /**
     * The array that contains the value.
     *
     * @return the array, which must not be modified
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * The index of the first byte.
     *
     * @return an index of {@link #bytes}
     */
    public int from() {
        return from;
    }

    /**
     * The index after the last byte.
     *
     * @return an index of {@link #bytes}
     */
    public int to() {
        return to;
    }

    @Override
    public byte[] json() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RawJson that && Arrays.equals(bytes, from, to, that.bytes, that.from, that.to);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(bytes, from, to - from).hashCode();
    }

    /** Its size only: messages of clients must not appear in logs. */
    @Override
    public String toString() {
        return "Raw[" + length() + " bytes]";
    }
}
