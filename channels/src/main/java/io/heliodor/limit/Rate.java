package io.heliodor.limit;

import java.time.Duration;

/**
 * A rate: so many in a time, evenly, and so many at once after a pause.
 *
 * {@snippet lang="java" :
 * Rate.perSecond(10).burst(20)
 * Rate.of(100, Duration.ofHours(1)).burst(10)
 * }
 *
 * @param count how many in the time, 1 to 1 000 000
 * @param per the time, 1 ms to 1 day
 * @param burst how many at once, 1 to 1 000 000, and no more than come in 365 days
 */
public record Rate(int count, Duration per, int burst) {
    private static final int MAX = 1_000_000;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    /** A burst beyond it would never be there. Also far from where nanoseconds overflow a long. */
    private static final Duration LONGEST_REFILL = Duration.ofDays(365);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range, naming it
     */
    public Rate {
        within("count", count);
        within("burst", burst);
        if (per.compareTo(SHORTEST) < 0 || per.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("per is " + per + "; it must be 1 ms to 1 day.");
        }
        if (per.dividedBy(count).multipliedBy(burst).compareTo(LONGEST_REFILL) > 0) {
            throw new IllegalArgumentException("A burst of " + burst + " takes more than 365 days to come back at "
                    + count + " in " + per + "; choose a smaller one.");
        }
    }

    /**
     * So many a second, and as many at once.
     *
     * @param count 1 to 1 000 000
     * @return the rate
     * @throws IllegalArgumentException if it is out of range
     */
    public static Rate perSecond(int count) {
        return of(count, Duration.ofSeconds(1));
    }

    /**
     * So many in a time, and as many at once.
     *
     * @param count 1 to 1 000 000
     * @param per the time, 1 ms to 1 day
     * @return the rate
     * @throws IllegalArgumentException if one is out of range
     */
    public static Rate of(int count, Duration per) {
        return new Rate(count, per, count);
    }

    /**
     * The same with another burst.
     *
     * @param atOnce how many at once, 1 to 1 000 000
     * @return a rate
     * @throws IllegalArgumentException if it is out of range
     */
    public Rate burst(int atOnce) {
        return new Rate(count, per, atOnce);
    }

    private static void within(String name, int value) {
        if (value < 1 || value > MAX) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be 1 to " + MAX + ".");
        }
    }
}
