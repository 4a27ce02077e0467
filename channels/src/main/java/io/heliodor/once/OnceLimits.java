package io.heliodor.once;

/**
 * The limits of calls that are executed once.
 *
 * @param windowNanos how long an answer is kept
 * @param keysOfId the maximum number of keys of an id
 * @param answerBytes the maximum size of a kept answer; of a larger one only the key is kept
 * @param bytesOfId the maximum size of the keys and answers of an id
 * @param bytes the maximum size of all keys and answers
 * @param promiseBytes the maximum size of the promises to other nodes; {@code bytesOfId} also limits the promises for the keys of one id
 * @param waitingOfId the maximum number of repeats of an id that wait for an answer
 * @param waitNanos how long a repeat waits
 */
public record OnceLimits(
        long windowNanos,
        int keysOfId,
        int answerBytes,
        long bytesOfId,
        long bytes,
        long promiseBytes,
        int waitingOfId,
        long waitNanos) {
    private static final long SECOND = 1_000_000_000;

    /** The limits of each endpoint that a test does not change. */
    public static final OnceLimits DEFAULTS =
            new OnceLimits(600 * SECOND, 1_000, 64 << 10, 1 << 20, 64 << 20, 16 << 20, 100, 60 * SECOND);

    /**
     * These limits with lower ones for all keys and answers, and for all promises: a quarter of that.
     *
     * @param max bytes; a present limit stays if it is less
     * @return new limits
     */
    public OnceLimits within(long max) {
        return new OnceLimits(
                windowNanos,
                keysOfId,
                answerBytes,
                bytesOfId,
                Math.min(bytes, max),
                Math.min(promiseBytes, max / 4),
                waitingOfId,
                waitNanos);
    }
}
