package io.heliodor.client.session;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** The values of the counters. Any thread may use them. */
public final class CounterValues {
    /** Not modified after the constructor. */
    private final Map<ClientCounter, AtomicLong> values = new EnumMap<>(ClientCounter.class);

    /** All zero. */
    public CounterValues() {
        for (ClientCounter counter : ClientCounter.values()) {
            values.put(counter, new AtomicLong());
        }
    }

    /**
     * Adds one.
     *
     * @param counter the counter
     */
    public void increment(ClientCounter counter) {
        value(counter).incrementAndGet();
    }

    /**
     * The value of a counter.
     *
     * @param counter the counter
     * @return its value since the client was built
     */
    public long get(ClientCounter counter) {
        return value(counter).get();
    }

    private AtomicLong value(ClientCounter counter) {
        return Objects.requireNonNull(values.get(counter), "value");
    }
}
