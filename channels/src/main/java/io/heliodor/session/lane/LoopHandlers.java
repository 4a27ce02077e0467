package io.heliodor.session.lane;

import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The means of lanes to run short handlers on their loops.
 *
 * @param threads the threads of these handlers
 * @param clock monotonic, in nanoseconds
 * @param stolen for how many nanoseconds the calling thread could not run, as {@link StolenTime#total}
 */
public record LoopHandlers(LoopThreads threads, LongSupplier clock, LongSupplier stolen) {
    /**
     * Those of this JVM. If there are none, one line of the log has the reason.
     *
     * @param clock monotonic, in nanoseconds
     * @return empty if all handlers run on threads of the pool
     */
    public static Optional<LoopHandlers> find(LongSupplier clock) {
        // Loads what it needs now, and not on a loop in a long stay.
        long _ = StolenTime.total();
        return LoopThreads.find().map(threads -> new LoopHandlers(threads, clock, StolenTime::total));
    }
}
