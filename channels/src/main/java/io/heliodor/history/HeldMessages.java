package io.heliodor.history;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a log that wait for their predecessors, by stream. Beyond a limit some are dropped, which are fetched
 * again if they are kept.
 */
final class HeldMessages<C> {
    /** The maximum time for which a message that is not kept waits for its predecessors. */
    static final long UNKEPT_TIMEOUT = 500_000_000L;

    private final LogLimits limits;
    private final LogListener<C> listener;

    /** The streams of which messages have waited. */
    private final Map<Long, HeldQueue<C>> queues = new TreeMap<>();

    private int count;
    private int bytes;

    HeldMessages(LogLimits limits, LogListener<C> listener) {
        this.limits = limits;
        this.listener = listener;
    }

    /** Adds a message; false if it waits already. */
    boolean add(HistoryMessage<C> message, long now) {
        int size = listener.bytes(message);
        boolean added = queues.computeIfAbsent(message.dot().stream(), _ -> new HeldQueue<>())
                .add(message, size, now);
        if (added) {
            grow(1, size);
        }
        return added;
    }

    private void grow(int messages, int size) {
        count += messages;
        bytes += size;
        listener.waitingGrew(size);
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** The streams of which messages have waited. */
    List<Long> streams() {
        return List.copyOf(queues.keySet());
    }

    private @Nullable HeldQueue<C> queue(long stream) {
        return queues.isEmpty() ? null : queues.get(stream); // nearly always null, for each message
    }

    /** Whether a message of a stream waits. */
    boolean has(long stream) {
        HeldQueue<C> queue = queue(stream);
        return queue != null && queue.size() > 0;
    }

    private Optional<HeldQueue.Held<C>> firstHeld(long stream) {
        return Optional.ofNullable(queue(stream)).flatMap(HeldQueue::first);
    }

    /** The first waiting message of a stream. */
    Optional<HistoryMessage<C>> first(long stream) {
        return firstHeld(stream).map(HeldQueue.Held::message);
    }

    /** The first waiting message of each stream. */
    Stream<HistoryMessage<C>> firsts() {
        return queues.values().stream().flatMap(each -> each.first().stream()).map(HeldQueue.Held::message);
    }

    /** Removes the first waiting message of a stream. */
    HistoryMessage<C> removeFirst(long stream) {
        HeldQueue.Held<C> first = Objects.requireNonNull(queues.get(stream)).removeFirst();
        grow(-1, -first.bytes());
        return first.message();
    }

    /** Whether the first waiting message of a stream is not kept, and its time is up. */
    boolean isOverdue(long stream, long now) {
        return firstHeld(stream)
                .filter(held -> !held.message().kept() && now - held.since() >= UNKEPT_TIMEOUT)
                .isPresent();
    }

    /** Whether the first waiting message of a stream is beyond the maximum age of kept messages. */
    boolean isExpired(long stream, long now) {
        return firstHeld(stream)
                .filter(held -> now - held.since() + held.message().age() >= limits.age())
                .isPresent();
    }

    // Dropped messages.

    /**
     * Drops waiting messages beyond the limit: the last ones of the stream that has most. The first one of each stream
     * stays, so that messages before it can be given up, and it can be delivered then.
     */
    void evict(long now) {
        while (bytes > limits.heldBytes()) {
            Optional<HeldQueue<C>> largest = queues.values().stream()
                    .filter(each -> each.size() > 1)
                    .max(Comparator.comparingInt(HeldQueue::bytes));
            if (largest.isEmpty()) {
                return;
            }
            evictLast(largest.get(), now);
        }
    }

    private void evictLast(HeldQueue<C> queue, long now) {
        int before = queue.bytes();
        queue.evictLast(now);
        grow(-1, queue.bytes() - before);
        listener.evicted();
    }

    /** Drops all waiting messages, which are fetched again. False if there was none. */
    boolean evictAll(long now) {
        boolean any = count > 0;
        for (HeldQueue<C> queue : queues.values()) {
            while (queue.size() > 0) {
                evictLast(queue, now);
            }
        }
        return any;
    }

    /** Begins a round of requests, which brings again what was dropped before. */
    void beginRound() {
        queues.values().forEach(HeldQueue::beginRound);
    }

    /** Whether a message arrived in this round, but was dropped while it waited: then it comes in the next one. */
    boolean mayBeEvicted(Dot dot) {
        HeldQueue<C> queue = queue(dot.stream());
        return queue != null && queue.mayBeEvicted(dot.counter());
    }

    /**
     * The last one of the messages of a stream that were dropped, if the first of them was dropped longer ago than the
     * maximum age.
     */
    Optional<Dot> expiredEviction(long stream, long now) {
        return Optional.ofNullable(queue(stream))
                .filter(queue -> queue.evictedSince()
                        .filter(since -> now - since >= limits.age())
                        .isPresent())
                .map(queue -> new Dot(stream, queue.lastEvicted()));
    }

    // Missing messages.

    /** Whether messages wait, or were dropped while they waited. */
    boolean lacksMessages() {
        return count > 0 || queues.values().stream().anyMatch(HeldQueue::lacksMessages);
    }

    /** Whether messages of a stream wait, or were dropped while they waited. */
    boolean lacksMessages(long stream) {
        HeldQueue<C> queue = queue(stream);
        return queue != null && queue.lacksMessages();
    }

    /** A stream whose first message waits since a matching time, or of which some were dropped since one. */
    Optional<Long> lacking(LongPredicate since) {
        return queues.entrySet().stream()
                .filter(each -> each.getValue()
                                .first()
                                .filter(held -> since.test(held.since()))
                                .isPresent()
                        || each.getValue().evictedSince().filter(since::test).isPresent())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The lowest counter of the waiting kept messages of a stream. */
    Optional<Long> firstKept(long stream) {
        return Optional.ofNullable(queue(stream)).flatMap(HeldQueue::firstKept);
    }

    // The position of the log.

    /** The messages of a stream up to this counter were delivered, or are lost. */
    void passed(long stream, long counter) {
        HeldQueue<C> queue = queue(stream);
        if (queue != null) {
            queue.passed(counter);
        }
    }

    /** Removes the waiting messages of a stream that is not part of the log any more. */
    void forget(long stream) {
        HeldQueue<C> queue = queues.remove(stream);
        if (queue != null) {
            grow(-queue.size(), -queue.bytes());
        }
    }

    void clear() {
        streams().forEach(this::forget);
    }

    /** The size of the waiting messages: bytes of heap. */
    int bytes() {
        return bytes;
    }

    void checkInvariants(VersionVector position) {
        queues.forEach((id, queue) -> {
            Invariant.check(position.has(id), "messages of streams of the log wait", id, position);
            queue.checkInvariants(position.get(id));
        });
        int messages = queues.values().stream().mapToInt(HeldQueue::size).sum();
        int size = queues.values().stream().mapToInt(HeldQueue::bytes).sum();
        Invariant.check(
                messages == count && size == bytes, "the waiting messages are counted", messages, count, size, bytes);
    }
}
