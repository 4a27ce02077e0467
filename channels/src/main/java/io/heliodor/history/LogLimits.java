package io.heliodor.history;

/**
 * The limits of a log.
 *
 * @param messages the maximum number of kept messages of each stream
 * @param bytes the maximum size of all kept messages
 * @param age the maximum age of a kept message in nanoseconds
 * @param heldBytes the maximum size of waiting messages, in addition to the first one of each stream
 * @param retired the maximum number of retired streams that are remembered
 * @param tokenLength the maximum length of a token, at most {@link #TOKEN_LENGTH}
 */
public record LogLimits(int messages, long bytes, long age, int heldBytes, int retired, int tokenLength) {
    /** The retired streams that a log remembers. */
    static final int RETIRED = 256;

    /** The maximum length of a token. */
    static final int TOKEN_LENGTH = 1_024;

    private static final int HELD_BYTES = 1 << 20;

    /**
     * The limits of a history.
     *
     * @param messages the maximum number of kept messages of each stream
     * @param bytes the maximum size of all kept messages
     * @param age the maximum age of a kept message in nanoseconds
     * @return the limits, with 1 MiB for waiting messages
     */
    public static LogLimits of(int messages, long bytes, long age) {
        return new LogLimits(messages, bytes, age, HELD_BYTES, RETIRED, TOKEN_LENGTH);
    }
}
