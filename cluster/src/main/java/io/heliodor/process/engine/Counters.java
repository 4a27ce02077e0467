package io.heliodor.process.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was lost, refused or ignored on this node. */
public final class Counters {
    /** Each of them, by its name. */
    public enum Counter {
        /** A message that found an inbox full. */
        INBOX_DROPPED,
        /** A message for a process that is not here any more. */
        NO_PROCESS,
        /** A message, a request or an answer that could not be read. */
        UNDECODABLE,
        /** A message that had no way to another node, or no room on it. */
        UNSENT,
        /** An answer that came when nobody waited any more. */
        LATE_ANSWERS,
        /** An answer that was given again. */
        REPEATED_ANSWERS,
        /** A call, process or monitor that was one too many. */
        OVER_LIMIT,
        /** A process that ended because its body threw. */
        PROCESSES_FAILED,
        /** A child that a supervisor had to interrupt. */
        INTERRUPTED,
        /** A call or a cast of a procedure for which there was no thread left. */
        BUSY
    }

    private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);

    Counters() {
        for (Counter counter : Counter.values()) {
            counters.put(counter, new LongAdder());
        }
    }

    /**
     * Counts one.
     *
     * @param counter what
     */
    public void add(Counter counter) {
        LongAdder adder = counters.get(counter);
        if (adder != null) {
            adder.increment();
        }
    }

    /**
     * How many there were.
     *
     * @param counter of what
     * @return 0 or more
     */
    public long count(Counter counter) {
        LongAdder adder = counters.get(counter);
        return adder == null ? 0 : adder.sum();
    }
}
