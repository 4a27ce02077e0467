package io.heliodor.limit;

import java.time.Duration;

/** Checks of limits. The exception has the name of the limit, its value and its range. */
final class Range {
    /** The maximum time, far from an overflow of nanoseconds in a long. */
    private static final Duration MAX_TIME = Duration.ofDays(365);

    private Range() {}

    static void check(String name, long value, long min) {
        check(name, value, min, Long.MAX_VALUE);
    }

    static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be "
                    + (max == Long.MAX_VALUE ? "at least " + min : min + " to " + max) + ".");
        }
    }

    static void check(String name, Duration value, Duration min) {
        check(name, value);
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + min + ".");
        }
    }

    static void check(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be more than zero and at most 365 days.");
        }
    }
}
