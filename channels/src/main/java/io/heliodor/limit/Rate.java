package io.heliodor.limit;

import java.time.Duration;
import java.util.Objects;

/**
 * A rate limit: a number of events in a time, with bursts (token bucket).
 *
 * {@snippet lang="java" :
 * Rate.perSecond(10).burst(20)
 * Rate.of(100, Duration.ofHours(1)).burst(10)
 * }
 *
 * @param count the number of events in the time, 1 to 1 000 000
 * @param per the time, 1 ms to 1 day
 * @param burst the number of events at once after a pause, 1 to 1 000 000, and at most the number of events in 365 days
 */
public record Rate(int count, Duration per, int burst) {
    private static final int MAX = 1_000_000;
    private static final Duration MIN_TIME = Duration.ofMillis(1);
    private static final Duration MAX_TIME = Duration.ofDays(1);

    /** The maximum time until a burst is available again, far from an overflow of nanoseconds in a long. */
    private static final Duration MAX_REFILL = Duration.ofDays(365);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range, naming it
     */
    public Rate {
        Objects.requireNonNull(per, "per");
        Range.check("The number of events of a Rate", count, 1, MAX);
        Range.check("The burst of a Rate", burst, 1, MAX);
        if (per.compareTo(MIN_TIME) < 0 || per.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException("The time of a Rate is " + per + "; it must be 1 ms to 1 day.");
        }
        if (per.dividedBy(count).multipliedBy(burst).compareTo(MAX_REFILL) > 0) {
            throw new IllegalArgumentException("A burst of " + burst + " takes more than 365 days to come back at "
                    + count + " in " + per + "; choose a smaller one.");
        }
    }

    /**
     * A rate per second, with a burst of the same number.
     *
     * @param count the number of events in a second, 1 to 1 000 000
     * @return the rate
     * @throws IllegalArgumentException if it is out of range
     */
    public static Rate perSecond(int count) {
        return of(count, Duration.ofSeconds(1));
    }

    /**
     * A rate per time, with a burst of the same number.
     *
     * @param count the number of events in the time, 1 to 1 000 000
     * @param per the time, 1 ms to 1 day
     * @return the rate
     * @throws IllegalArgumentException if one is out of range
     */
    public static Rate of(int count, Duration per) {
        Objects.requireNonNull(per, "per");
        return new Rate(count, per, count);
    }

    /**
     * This rate with another burst.
     *
     * @param atOnce the number of events at once, 1 to 1 000 000
     * @return a rate
     * @throws IllegalArgumentException if it is out of range
     */
    public Rate burst(int atOnce) {
        return new Rate(count, per, atOnce);
    }
}
