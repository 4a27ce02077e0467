package io.heliodor.presence;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A pause of a fixed time. */
@FunctionalInterface
interface Pause {
    /** Blocks for the time, even if the thread is interrupted meanwhile. */
    void pass();

    /** Blocks for a time by the system's monotonic clock, and clears the interrupt status. */
    static void of(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            // park returns at once on an interrupted thread.
            Thread.interrupted();
        }
    }
}
