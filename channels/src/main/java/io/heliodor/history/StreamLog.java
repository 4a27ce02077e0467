package io.heliodor.history;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.TreeMap;

/** One stream in a log: what is kept of it, and what is held back. */
final class StreamLog<C> {
    /** A message that cannot be delivered yet. */
    record Held<C>(Message<C> message, long since) {}

    /** After a kept message come those that are not kept and were published after it. */
    private record Place(long counter, long order) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return counter == other.counter ? Long.compare(order, other.order) : Long.compare(counter, other.counter);
        }
    }

    final long id;
    /** The place of its log, as far as that is known. */
    Optional<LogLocation> owner = Optional.empty();

    /** The messages up to this counter are not kept here. */
    long floor;

    /** Since when it gets no more messages, by the clock; empty while it may. */
    Optional<Long> ended = Optional.empty();

    final ArrayDeque<LogEntry<C>> kept = new ArrayDeque<>();
    private final TreeMap<Place, Held<C>> held = new TreeMap<>();
    private long order;

    StreamLog(long id) {
        this.id = id;
    }

    /** Holds a message back; false if it is held already. */
    boolean hold(Message<C> message, long now) {
        Place place = new Place(message.dot().counter(), message.kept() ? 0 : ++order);
        return held.putIfAbsent(place, new Held<>(message, now)) == null;
    }

    Optional<Held<C>> first() {
        return held.isEmpty() ? Optional.empty() : Optional.of(held.firstEntry().getValue());
    }

    void removeFirst() {
        held.pollFirstEntry();
    }

    /** The lowest counter of a kept message that is held. */
    Optional<Long> firstKept() {
        for (Held<C> each : held.values()) {
            if (each.message().kept()) {
                return Optional.of(each.message().dot().counter());
            }
        }
        return Optional.empty();
    }
}
