package io.heliodor.benchmarks;

/** A task that the loop calls once in each turn. */
@FunctionalInterface
interface Periodic {
    /** Nothing is due until bytes arrive. */
    long LATER = Long.MAX_VALUE;

    /** Runs due work at {@code now}, and returns the latest time of the next call. */
    long tick(long now);
}
