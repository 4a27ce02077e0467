package io.heliodor.event.json;

/** A limit of valid JSON. The number of keys, elements and escape sequences has none but the size of the message. */
public enum JsonLimit {
    /** The depth of nested arrays and objects, those of the frame included. Later stages may recurse that deep. */
    DEPTH("is nested deeper than " + JsonLimit.MAX_DEPTH + " levels"),

    /** The length of a number. Any double has 17 digits; the conversion to a big number takes quadratic time. */
    NUMBER("contains a number of more than " + JsonLimit.MAX_NUMBER + " characters"),

    /**
     * The length of a key between its quotes. Jackson caches up to 6 000 keys forever, including those of unknown fields. At its own limit of
     * 50 000 characters clients could fill half a gigabyte that way; at this one, 12 MB.
     */
    KEY("contains a key of more than " + JsonLimit.MAX_KEY + " bytes");

    /** The maximum of {@link #DEPTH}. */
    public static final int MAX_DEPTH = 64;

    /** The maximum of {@link #NUMBER}. */
    public static final int MAX_NUMBER = 100;

    /** The maximum of {@link #KEY}. */
    public static final int MAX_KEY = 1_000;

    private final String excess;

    JsonLimit(String excess) {
        this.excess = excess;
    }

    /**
     * The reason why a payload beyond the limit is refused.
     *
     * @return a phrase for the client
     */
    public String excess() {
        return excess;
    }
}
