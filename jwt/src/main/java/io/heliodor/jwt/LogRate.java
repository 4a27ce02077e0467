package io.heliodor.jwt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Permits one line of a log in each interval, which has the number of cases since the line before. Any thread may use it. */
final class LogRate {
    private final long interval;
    private final LongSupplier nanos;

    @GuardedBy("this")
    private boolean written;

    @GuardedBy("this")
    private long last;

    @GuardedBy("this")
    private long cases;

    LogRate(Duration interval, LongSupplier nanos) {
        this.interval = interval.toNanos();
        this.nanos = nanos;
    }

    /** Counts a case. Returns the number of cases for a line to write now; 0 if none is due. */
    synchronized long next() {
        long now = nanos.getAsLong();
        cases++;
        if (written && now - last < interval) {
            return 0;
        }
        written = true;
        last = now;
        long counted = cases;
        cases = 0;
        return counted;
    }
}
