package io.heliodor.process.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a node. Any thread may use it. */
public final class Counters {
    /** The counters of processes, calls and messages. */
    public enum Counter {
        /** Messages that found a full inbox. */
        INBOX_DROPPED,
        /** Messages for processes that have ended. */
        NO_PROCESS,
        /** Messages, requests and answers that could not be decoded. */
        UNDECODABLE,
        /** Messages that could not be queued for another node. */
        UNSENT,
        /** Answers to calls that were over. */
        LATE_ANSWERS,
        /** Second answers to one call. */
        REPEATED_ANSWERS,
        /** Calls, processes and monitors over a limit. */
        OVER_LIMIT,
        /** Processes whose body threw. */
        PROCESSES_FAILED,
        /** Processes that were interrupted because they did not end. */
        INTERRUPTED,
        /** Calls and casts of procedures that found no free thread. */
        BUSY,
        /** Subscriptions that some node did not acknowledge in time. */
        INTEREST_LATE,
        /** Topics with subscriptions that were not listed by their names. */
        TOPICS_UNLISTED,
        /** Published messages that could not be queued for another node. */
        PUBLISH_LOST,
        /** Published messages of other nodes that a blocking subscriber of this node kept from delivery. */
        PUBLISH_UNDELIVERED,
        /** Published messages of other nodes that could not be decoded. */
        PUBLISH_UNREADABLE,
        /** Messages of other nodes of an unknown type or with invalid fields. */
        MESSAGES_MALFORMED,
        /** Events that were coalesced for a slow listener. */
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
