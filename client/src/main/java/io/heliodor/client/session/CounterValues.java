package io.heliodor.client.session;

import java.util.concurrent.atomic.AtomicLongArray;

/** The values of the counters. Any thread may use them. */
public final class CounterValues {
    private final AtomicLongArray values = new AtomicLongArray(Counter.values().length);

    /**
     * Adds one.
     *
     * @param counter the counter
     */
    public void increment(Counter counter) {
        values.incrementAndGet(counter.ordinal());
    }

    /**
     * The value of a counter.
     *
     * @param counter the counter
     * @return its value since the client was built
     */
    public long get(Counter counter) {
        return values.get(counter.ordinal());
    }
}
