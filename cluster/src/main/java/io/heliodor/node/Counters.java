package io.heliodor.node;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What the states of a node count themselves. Any thread may use it. */
final class Counters {
    private final Map<Statistic, LongAdder> counts;

    Counters() {
        Map<Statistic, LongAdder> all = new EnumMap<>(Statistic.class);
        Stream.of(
                        Statistic.INTEREST_LATE,
                        Statistic.PUBLISH_LOST,
                        Statistic.PUBLISH_UNDELIVERED,
                        Statistic.PUBLISH_UNREADABLE,
                        Statistic.MESSAGES_MALFORMED,
                        Statistic.EVENTS_COALESCED)
                .forEach(each -> all.put(each, new LongAdder()));
        counts = Collections.unmodifiableMap(all);
    }

    private LongAdder of(Statistic which) {
        LongAdder count = counts.get(which);
        if (count == null) {
            throw new IllegalArgumentException(which + " is counted elsewhere.");
        }
        return count;
    }

    void add(Statistic which) {
        of(which).increment();
    }

    void add(Statistic which, long number) {
        of(which).add(number);
    }

    long count(Statistic which) {
        return of(which).sum();
    }
}
