package io.heliodor.history;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The messages of one stream in a log: kept ones, and those that wait for their predecessors. */
final class StreamLog<C> {
    /** A message that waits for its predecessors. */
    record Held<C>(Message<C> message, long since) {}

    /** The order of waiting messages: a kept message precedes those with its counter that are not kept. */
    private record HeldKey(long counter, long order) {
        static final Comparator<HeldKey> ORDER =
                Comparator.comparingLong(HeldKey::counter).thenComparingLong(HeldKey::order);
    }

    final long id;
    /** The location of the log that publishes it; empty if unknown. */
    Optional<LogLocation> owner = Optional.empty();

    /** The counter up to which messages are not kept here. */
    long floor;

    /** When the stream ended; empty while it may continue. */
    Optional<Long> ended = Optional.empty();

    final ArrayDeque<LogEntry<C>> kept = new ArrayDeque<>();
    private final TreeMap<HeldKey, Held<C>> held = new TreeMap<>(HeldKey.ORDER);
    private long order;

    StreamLog(long id) {
        this.id = id;
    }

    /** Adds a waiting message; false if it is waiting already. */
    boolean hold(Message<C> message, long now) {
        HeldKey key = new HeldKey(message.dot().counter(), message.kept() ? 0 : ++order);
        return held.putIfAbsent(key, new Held<>(message, now)) == null;
    }

    Optional<Held<C>> first() {
        return Optional.ofNullable(held.firstEntry()).map(Map.Entry::getValue);
    }

    void removeFirst() {
        held.pollFirstEntry();
    }

    /** The lowest counter of the waiting kept messages. */
    Optional<Long> firstKept() {
        return held.values().stream()
                .map(Held::message)
                .filter(Message::kept)
                .map(message -> message.dot().counter())
                .findFirst();
    }
}
