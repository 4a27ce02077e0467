package io.heliodor.history;

import java.util.ArrayDeque;
import java.util.Optional;

/** The messages of one stream in a log: kept ones, and those that wait for their predecessors. */
final class StreamLog<C> {
    final long id;
    /** The location of the log that publishes it; empty if unknown. */
    Optional<LogLocation> owner = Optional.empty();

    /** The counter up to which messages are not kept here. */
    long floor;

    /** When the stream ended; empty while it may continue. */
    Optional<Long> ended = Optional.empty();

    /** When its last message was kept first; empty if that was not kept here, or was given up. */
    Optional<Long> lastAt = Optional.empty();

    final ArrayDeque<LogEntry<C>> kept = new ArrayDeque<>();
    final HeldQueue<C> held = new HeldQueue<>();

    StreamLog(long id) {
        this.id = id;
    }

    /** Whether messages wait, or were dropped while they waited. */
    boolean lacksMessages() {
        return held.size() > 0 || held.evictedSince().isPresent();
    }

    /** Whether nothing of the stream is kept here, nor in other logs: their ages are the same, their sizes may not be. */
    boolean isExpired(long age, long now) {
        return kept.isEmpty()
                && !lacksMessages()
                && lastAt.filter(at -> now - at < age).isEmpty();
    }

    /** Whether the stream ended a time ago. */
    boolean endedBefore(long nanos, long now) {
        return ended.filter(since -> now - since >= nanos).isPresent();
    }
}
