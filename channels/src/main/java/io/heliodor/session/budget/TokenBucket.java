package io.heliodor.session.budget;

import io.heliodor.limit.Rate;

/**
 * A bucket of tokens, full at first, refilled evenly. Without a clock: the caller gives the time. One thread at a
 * time.
 */
public final class TokenBucket {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The maximum of tokens that are promised; a client that is refused more often is closed. */
    private static final int MAX_PROMISED = 1_000;

    private final int burst;
    private final long nanosForOne;
    private long available;
    private long last;

    /** The time of the last token that was promised. */
    private long promised;

    /**
     * A full bucket.
     *
     * @param burst how many tokens it holds, at least 1
     * @param perSecond how many come back each second, 1 to 1 000 000 000
     * @param now the present time, monotonic, in nanoseconds
     * @throws IllegalArgumentException if a number is out of its range, naming it
     */
    public TokenBucket(int burst, int perSecond, long now) {
        if (burst < 1) {
            throw new IllegalArgumentException("burst is " + burst + "; it must be at least 1.");
        }
        if (perSecond < 1 || perSecond > NANOS_PER_SECOND) {
            throw new IllegalArgumentException(
                    "perSecond is " + perSecond + "; it must be 1 to " + NANOS_PER_SECOND + ".");
        }
        this(burst, NANOS_PER_SECOND / perSecond, now);
    }

    private TokenBucket(int burst, long nanosForOne, long now) {
        this.burst = burst;
        this.nanosForOne = nanosForOne;
        this.available = burst * nanosForOne;
        this.last = now;
        this.promised = now - nanosForOne;
    }

    /**
     * A full bucket for a rate.
     *
     * @param rate how many tokens it holds, and how many come back in which time
     * @param now the present time, monotonic, in nanoseconds
     */
    public TokenBucket(Rate rate, long now) {
        this(rate.burst(), rate.per().toNanos() / rate.count(), now);
    }

    /**
     * An empty bucket for a rate.
     *
     * @param rate how many tokens it holds, and how many come back in which time
     * @param now the present time, monotonic, in nanoseconds
     * @return a bucket whose first token has to come
     */
    static TokenBucket empty(Rate rate, long now) {
        TokenBucket bucket = new TokenBucket(rate, now);
        bucket.available = 0;
        return bucket;
    }

    /**
     * Whether it is full, hence equal to a new one.
     *
     * @param now the present time, as it was given to the constructor
     * @return whether no token is missing
     */
    boolean isFull(long now) {
        return fullIn(now) == 0;
    }

    /**
     * When it is full, if no token is taken until then.
     *
     * @param now the present time, as it was given to the constructor
     * @return in how many nanoseconds; 0 if it is full
     */
    long fullIn(long now) {
        refill(now);
        return burst * nanosForOne - available;
    }

    /**
     * Takes a token.
     *
     * @param now the present time, as it was given to the constructor; an earlier one than the last counts as the last
     * @return whether there was one
     */
    public boolean take(long now) {
        refill(now);
        if (available < nanosForOne) {
            return false;
        }
        available -= nanosForOne;
        return true;
    }

    /**
     * When there is a token to take.
     *
     * @param now the present time, as it was given to the constructor; an earlier one than the last counts as the last
     * @return in how many nanoseconds; 0 if there is one
     */
    long nextIn(long now) {
        refill(now);
        return Math.max(0, nanosForOne - available);
    }

    /**
     * Promises a token to a request that found none. Each gets a token of its own, so that requests that were refused together and come
     * back when they may are not refused again. No token is withheld from other requests.
     *
     * @param now the present time, as it was given to the constructor; an earlier one than the last counts as the last
     * @return in how many nanoseconds; more than zero
     */
    long promise(long now) {
        long next = now + nextIn(now);
        promised = Math.clamp(promised + nanosForOne, next, Math.max(next, now + MAX_PROMISED * nanosForOne));
        return promised - now;
    }

    private void refill(long now) {
        long passed = now - last;
        if (passed > 0) {
            available = passed >= burst * nanosForOne - available ? burst * nanosForOne : available + passed;
            last = now;
        }
    }
}
