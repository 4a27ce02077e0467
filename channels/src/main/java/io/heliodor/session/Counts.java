package io.heliodor.session;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one endpoint. Any thread may use it. */
public final class Counts {
    private final Map<Count, LongAdder> adders = new EnumMap<>(Count.class);

    /** All zero. */
    public Counts() {
        for (Count count : Count.values()) {
            adders.put(count, new LongAdder());
        }
    }

    /**
     * Counts one more.
     *
     * @param count of what
     */
    public void increment(Count count) {
        add(count, 1);
    }

    /**
     * Counts more, or less.
     *
     * @param count of what
     * @param n how many
     */
    public void add(Count count, long n) {
        adder(count).add(n);
    }

    /**
     * How many there are.
     *
     * @param count of what
     * @return the sum at this moment
     */
    public long get(Count count) {
        return adder(count).sum();
    }

    /**
     * All counters by name.
     *
     * @return a copy, sorted
     */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new TreeMap<>();
        adders.forEach((count, adder) -> all.put(count.name().toLowerCase(Locale.ROOT), adder.sum()));
        return all;
    }

    private LongAdder adder(Count count) {
        return java.util.Objects.requireNonNull(adders.get(count));
    }
}
