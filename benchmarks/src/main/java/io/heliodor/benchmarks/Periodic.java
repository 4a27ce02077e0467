package io.heliodor.benchmarks;

/** Something that the loop calls once a turn. */
@FunctionalInterface
interface Periodic {
    /** Nothing is due until bytes arrive. */
    long LATER = Long.MAX_VALUE;

    /** Does what is due at {@code now} and says when it wants to be called again, at the latest. */
    long tick(long now);
}
