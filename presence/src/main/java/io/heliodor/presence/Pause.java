package io.heliodor.presence;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A pause of a fixed time. */
@FunctionalInterface
interface Pause {
    /** Blocks for the time, even if the thread is interrupted meanwhile. */
    void pass();

    /** Blocks for a time by a monotonic clock, and clears the interrupt status. */
    static void of(Duration time, LongSupplier nanoTime) {
        of(time, nanoTime, () -> false);
    }

    /** As {@link #of(Duration, LongSupplier)}, but returns early if it is interrupted and that is over. */
    static void of(Duration time, LongSupplier nanoTime, BooleanSupplier over) {
        long end = nanoTime.getAsLong() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !over.getAsBoolean(); left = end - nanoTime.getAsLong()) {
            LockSupport.parkNanos(left);
            // park returns at once on an interrupted thread.
            Thread.interrupted();
        }
    }
}
