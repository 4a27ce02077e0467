package io.heliodor.history;

import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The messages of one stream that wait for their predecessors, and the mark of those that were dropped meanwhile. */
final class HeldQueue<C> {
    /** A message that waits. */
    record Held<C>(HistoryMessage<C> message, int bytes, long since) {}

    /** The order of waiting messages: a kept message precedes those with its counter that are not kept. */
    private record Key(long counter, long order) {
        static final Comparator<Key> ORDER =
                Comparator.comparingLong(Key::counter).thenComparingLong(Key::order);
    }

    /** Kept messages that were dropped and are fetched again: the time since the first one, and the last one's counter. */
    private record Evicted(long since, long last) {}

    private final TreeMap<Key, Held<C>> held = new TreeMap<>(Key.ORDER);
    private Optional<Evicted> evicted = Optional.empty();

    /** The lowest counter of the kept messages that were dropped in this round. */
    private long evictedInRound = Long.MAX_VALUE;

    private long order;
    private int bytes;

    /** Adds a message; false if it waits already. */
    boolean add(HistoryMessage<C> message, int size, long now) {
        Key key = new Key(message.dot().counter(), message.kept() ? 0 : ++order);
        boolean added = held.putIfAbsent(key, new Held<>(message, size, now)) == null;
        bytes += added ? size : 0;
        return added;
    }

    Optional<Held<C>> first() {
        return Optional.ofNullable(held.firstEntry()).map(Map.Entry::getValue);
    }

    Held<C> removeFirst() {
        Held<C> first = Objects.requireNonNull(held.pollFirstEntry()).getValue();
        bytes -= first.bytes();
        return first;
    }

    /** Drops the last message, which is fetched again if it is kept. */
    void evictLast(long now) {
        Held<C> last = Objects.requireNonNull(held.pollLastEntry()).getValue();
        bytes -= last.bytes();
        if (last.message().kept()) {
            long counter = last.message().dot().counter();
            evictedInRound = Math.min(evictedInRound, counter);
            evicted = Optional.of(evicted.map(before -> new Evicted(before.since(), Math.max(before.last(), counter)))
                    .orElseGet(() -> new Evicted(now, counter)));
        }
    }

    /** The time since which kept messages are missing that were dropped; empty if none are. */
    Optional<Long> evictedSince() {
        return evicted.map(Evicted::since);
    }

    /** The messages up to this counter were delivered, or are lost. */
    void passed(long counter) {
        evicted = evicted.filter(each -> each.last() > counter);
    }

    /** The counter of the last message that was dropped and is missing. */
    long lastEvicted() {
        return evicted.orElseThrow().last();
    }

    /** Begins a round of requests, which brings again what was dropped before. */
    void beginRound() {
        evictedInRound = Long.MAX_VALUE;
    }

    /** Whether a message may have been dropped in this round, although it arrived. */
    boolean mayBeEvicted(long counter) {
        return counter >= evictedInRound;
    }

    /** The lowest counter of the waiting kept messages. */
    Optional<Long> firstKept() {
        return held.values().stream()
                .map(Held::message)
                .filter(HistoryMessage::kept)
                .map(message -> message.dot().counter())
                .findFirst();
    }

    /** Checks the waiting messages against the position of their stream. */
    void checkInvariants(long position) {
        int sum = held.values().stream().mapToInt(Held::bytes).sum();
        Invariant.check(sum == bytes, "the bytes are those of the waiting messages", sum, bytes);
        held.forEach((key, each) -> Invariant.check(
                key.counter() == each.message().dot().counter()
                        && key.counter() >= position + (each.message().kept() ? 1 : 0),
                "a waiting message was not delivered",
                key,
                position));
        Invariant.check(
                evicted.isEmpty() || evicted.get().last() > position,
                "a message that was dropped was not delivered",
                evicted,
                position);
    }

    /** Whether messages wait, or were dropped while they waited. */
    boolean lacksMessages() {
        return !held.isEmpty() || evicted.isPresent();
    }

    int size() {
        return held.size();
    }

    int bytes() {
        return bytes;
    }
}
