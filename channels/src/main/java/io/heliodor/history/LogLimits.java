package io.heliodor.history;

/**
 * The limits of a log.
 *
 * @param messages the maximum number of kept messages of each stream
 * @param bytes the maximum size of all kept messages
 * @param age the maximum age of a kept message in nanoseconds
 * @param heldBytes the maximum size of waiting messages, in addition to the first one of each stream
 * @param endedStreams the maximum number of streams that have ended and of which messages are kept
 */
public record LogLimits(int messages, long bytes, long age, int heldBytes, int endedStreams) {
    private static final int HELD_BYTES = 1 << 20;
    private static final int ENDED_STREAMS = 32;

    /**
     * The limits of a history.
     *
     * @param messages the maximum number of kept messages of each stream
     * @param bytes the maximum size of all kept messages
     * @param age the maximum age of a kept message in nanoseconds
     * @return the limits, with 1 MiB for waiting messages and 32 streams that have ended
     */
    public static LogLimits of(int messages, long bytes, long age) {
        return new LogLimits(messages, bytes, age, HELD_BYTES, ENDED_STREAMS);
    }
}
