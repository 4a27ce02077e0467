package io.heliodor.session.budget;

import io.heliodor.limit.SessionLimits;
import io.heliodor.session.telemetry.Counters;
import java.util.function.LongSupplier;

/**
 * The clock, limits, memory budget and counters that the connections of one endpoint share. Any thread may use it.
 *
 * @param clock monotonic, in nanoseconds
 * @param limits the limits of each session
 * @param connectionBytes the limit for the memory of one client
 * @param memory the heap that the clients make the endpoint hold
 * @param counters the counters of the endpoint
 */
public record EndpointBudget(
        LongSupplier clock, SessionLimits limits, long connectionBytes, MemoryBudget memory, Counters counters) {
    /** The present time. */
    public long now() {
        return clock.getAsLong();
    }
}
