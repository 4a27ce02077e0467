package io.heliodor.testkit;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations in messages to people. */
final class Seconds {
    private Seconds() {}

    /** A text such as {@code 5 s}. */
    static String text(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
