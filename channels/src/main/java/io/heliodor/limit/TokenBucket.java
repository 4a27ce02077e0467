package io.heliodor.limit;

/**
 * A bucket of tokens, full at first, refilled evenly. Without a clock: the caller says what time it is. One thread at a
 * time.
 */
public final class TokenBucket {
    private final int burst;
    private final long nanosForOne;
    private long spare;
    private long last;

    /**
     * A full bucket.
     *
     * @param burst how many tokens it holds
     * @param perSecond how many come back each second
     * @param now the present time, monotonic, in nanoseconds
     */
    public TokenBucket(int burst, int perSecond, long now) {
        this.burst = burst;
        this.nanosForOne = 1_000_000_000L / perSecond;
        this.spare = burst * nanosForOne;
        this.last = now;
    }

    /**
     * Takes a token.
     *
     * @param now the present time
     * @return whether there was one
     */
    public boolean take(long now) {
        spare = Math.min(burst * nanosForOne, spare + (now - last));
        last = now;
        if (spare < nanosForOne) {
            return false;
        }
        spare -= nanosForOne;
        return true;
    }
}
