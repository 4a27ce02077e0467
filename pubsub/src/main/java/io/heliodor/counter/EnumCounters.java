package io.heliodor.counter;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter for each constant of an enum, since the start. Any thread may use it.
 *
 * @param <C> the enum
 */
public class EnumCounters<C extends Enum<C>> {
    private final Map<C, LongAdder> counters;

    /**
     * All counters at 0.
     *
     * @param type the enum
     */
    public EnumCounters(Class<C> type) {
        this.counters = new EnumMap<>(type);
        for (C counter : type.getEnumConstants()) {
            counters.put(counter, new LongAdder());
        }
    }

    /**
     * Counts one.
     *
     * @param counter what happened
     */
    public final void increment(C counter) {
        add(counter, 1);
    }

    /**
     * Counts several.
     *
     * @param counter what happened
     * @param number how often; negative for a number that falls
     */
    public final void add(C counter, long number) {
        of(counter).add(number);
    }

    /**
     * The value of a counter.
     *
     * @param counter the counter
     * @return the sum at this moment
     */
    public final long get(C counter) {
        return of(counter).sum();
    }

    private LongAdder of(C counter) {
        return Objects.requireNonNull(counters.get(counter));
    }
}
