package io.heliodor.presence;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Lets time pass. */
@FunctionalInterface
interface Pause {
    /** Returns after its time, also if the thread is woken or interrupted meanwhile. */
    void pass();

    /** Lets a time pass by the clock of the machine. */
    static void of(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            // An interrupted thread is not parked.
            Thread.interrupted();
        }
    }
}
