package io.heliodor.client.session;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** The values of the counters. Any thread may use them. */
public final class CounterValues {
    /** Not modified after the constructor. */
    private final Map<Counter, AtomicLong> values = new EnumMap<>(Counter.class);

    /** All zero. */
    public CounterValues() {
        for (Counter counter : Counter.values()) {
            values.put(counter, new AtomicLong());
        }
    }

    /**
     * Adds one.
     *
     * @param counter the counter
     */
    public void increment(Counter counter) {
        value(counter).incrementAndGet();
    }

    /**
     * The value of a counter.
     *
     * @param counter the counter
     * @return its value since the client was built
     */
    public long get(Counter counter) {
        return value(counter).get();
    }

    private AtomicLong value(Counter counter) {
        return Objects.requireNonNull(values.get(counter), "value");
    }
}
