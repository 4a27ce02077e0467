package io.heliodor.process.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a node. Any thread may use it. */
public final class Counters {
    /** The counters of processes, calls and messages. {@code Statistic} has a description of each. */
    public enum Counter {
        INBOX_DROPPED,
        NO_PROCESS,
        UNDECODABLE,
        UNSENT,
        LATE_ANSWERS,
        REPEATED_ANSWERS,
        OVER_LIMIT,
        PROCESSES_FAILED,
        INTERRUPTED,
        BUSY,
        INTEREST_LATE,
        TOPICS_UNLISTED,
        PUBLISH_LOST,
        PUBLISH_UNDELIVERED,
        PUBLISH_UNREADABLE,
        MESSAGES_MALFORMED,
        EVENTS_COALESCED
    }

    private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);

    /** All counters at 0. */
    public Counters() {
        for (Counter counter : Counter.values()) {
            counters.put(counter, new LongAdder());
        }
    }

    private LongAdder of(Counter counter) {
        return Objects.requireNonNull(counters.get(counter));
    }

    /**
     * Counts one.
     *
     * @param counter what
     */
    public void add(Counter counter) {
        of(counter).increment();
    }

    /**
     * Counts several.
     *
     * @param counter what
     * @param number how many
     */
    public void add(Counter counter, long number) {
        of(counter).add(number);
    }

    /**
     * The value of a counter.
     *
     * @param counter which
     * @return 0 or more
     */
    public long count(Counter counter) {
        return of(counter).sum();
    }
}
