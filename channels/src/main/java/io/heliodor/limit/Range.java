package io.heliodor.limit;

import java.time.Duration;

/** Refuses a limit that is out of its range, with its name, its value and the range. */
final class Range {
    /** Far from where nanoseconds overflow a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Range() {}

    static void check(String name, long value, long least) {
        check(name, value, least, Long.MAX_VALUE);
    }

    static void check(String name, long value, long least, long max) {
        if (value < least || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be "
                    + (max == Long.MAX_VALUE ? "at least " + least : least + " to " + max) + ".");
        }
    }

    static void check(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be more than zero and at most 365 days.");
        }
    }
}
