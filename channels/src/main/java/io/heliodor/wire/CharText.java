package io.heliodor.wire;

/** The texts of a {@code char}. */
public final class CharText {
    /** One character of at most 16 bits. */
    public static final String PATTERN = "^[\\u0000-\\uffff]$";

    private CharText() {}
}
