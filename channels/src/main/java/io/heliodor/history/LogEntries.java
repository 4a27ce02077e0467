package io.heliodor.history;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The kept messages of a log in the order of their delivery, within its limits. Those of a stream are its last
 * delivered ones, without a gap. The counter before them is the stream's floor: up to there nothing is kept.
 */
final class LogEntries<C> {
    /** The maximum size of a kept message. A larger one is delivered, but not kept. */
    static final int MAX_MESSAGE_BYTES = 3 << 20;

    private static final class StreamEntries<C> {
        private final ArrayDeque<LogEntry<C>> kept = new ArrayDeque<>();

        /** When the last message was kept first, also if it was dropped since. */
        private long lastAt;
    }

    private final LogLimits limits;
    private final LogListener<C> listener;
    private final LinkedHashMap<Dot, LogEntry<C>> kept = new LinkedHashMap<>();

    /** The streams of which messages were kept since their last gap. */
    private final Map<Long, StreamEntries<C>> streams = new TreeMap<>();

    private long bytes;

    LogEntries(LogLimits limits, LogListener<C> listener) {
        this.limits = limits;
        this.listener = listener;
    }

    /**
     * Adds a message, and drops others beyond the limits.
     *
     * @param added the next message of its stream
     * @param size its size as a message between nodes
     */
    void add(LogEntry<C> added, int size) {
        StreamEntries<C> stream = streams.computeIfAbsent(added.dot().stream(), _ -> new StreamEntries<>());
        kept.put(added.dot(), added);
        stream.kept.add(added);
        stream.lastAt = added.at();
        listener.kept(added);
        grow(listener.bytes(added));
        while (stream.kept.size() > limits.messages()) {
            drop(stream);
        }
        // A response could not contain it, so all logs must drop it in the same way.
        while (size > MAX_MESSAGE_BYTES && !stream.kept.isEmpty()) {
            drop(stream);
        }
        while (bytes > limits.bytes()) {
            dropOldest();
        }
    }

    private void grow(int by) {
        bytes += by;
        listener.grew(by);
    }

    private void drop(StreamEntries<C> stream) {
        LogEntry<C> oldest = stream.kept.remove();
        kept.remove(oldest.dot());
        grow(-listener.bytes(oldest));
        listener.dropped(oldest.content());
    }

    private void dropOldest() {
        drop(Objects.requireNonNull(streams.get(kept.firstEntry().getKey().stream())));
    }

    /** Drops the messages of a stream that is retired, or of which messages were skipped after them. */
    void forget(long stream) {
        StreamEntries<C> forgotten = streams.remove(stream);
        while (forgotten != null && !forgotten.kept.isEmpty()) {
            drop(forgotten);
        }
    }

    /** Drops messages beyond the maximum age. */
    void expire(long now) {
        for (StreamEntries<C> stream : streams.values()) {
            while (!stream.kept.isEmpty() && now - stream.kept.getFirst().at() >= limits.age()) {
                drop(stream);
            }
        }
    }

    /** Drops the older half, at least one message. False if there was none. */
    boolean shrink() {
        boolean any = !kept.isEmpty();
        for (int i = Math.ceilDiv(kept.size(), 2); i > 0; i--) {
            dropOldest();
        }
        return any;
    }

    void clear() {
        List.copyOf(streams.keySet()).forEach(this::forget);
    }

    /**
     * The floor of a stream.
     *
     * @param stream a stream of the log
     * @param counter the counter up to which it was delivered
     * @return the counter up to which its messages are not kept here
     */
    long floor(long stream, long counter) {
        StreamEntries<C> found = streams.get(stream);
        return counter - (found == null ? 0 : found.kept.size());
    }

    /** Whether nothing of a stream is kept here, nor in other logs: their ages are the same, their sizes may not be. */
    boolean isExpired(long stream, long now) {
        StreamEntries<C> found = streams.get(stream);
        return found == null || (found.kept.isEmpty() && now - found.lastAt >= limits.age());
    }

    boolean contains(Dot dot) {
        return kept.containsKey(dot);
    }

    /** The messages in the order of their delivery. */
    Collection<LogEntry<C>> all() {
        return kept.values();
    }

    /** The newest messages, the newest first. */
    List<LogEntry<C>> newest(int limit) {
        return kept.sequencedValues().reversed().stream().limit(limit).toList();
    }

    /** The size of the messages: bytes of heap. */
    long bytes() {
        return bytes;
    }

    void checkInvariants(LogPosition position) {
        streams.forEach((id, stream) -> check(id, stream, position));
        int sum = streams.values().stream().mapToInt(each -> each.kept.size()).sum();
        Invariant.check(sum == kept.size(), "a kept message is of a stream", sum, kept.keySet());
        long size = kept.values().stream().mapToLong(listener::bytes).sum();
        Invariant.check(size == bytes, "the bytes are those of the kept messages", size, bytes);
    }

    private void check(long id, StreamEntries<C> stream, LogPosition position) {
        Invariant.check(position.has(id), "the position names each stream", id, position.vector());
        long before = floor(id, position.get(id));
        Invariant.check(
                position.retired().last(id) <= before, "a retired stream keeps nothing up to its end", id, before);
        for (LogEntry<C> entry : stream.kept) {
            Invariant.check(entry.dot().counter() == ++before, "counters have no gap", entry.dot(), before);
            Invariant.check(
                    Objects.equals(kept.get(entry.dot()), entry)
                            && entry.position().get(id) == before,
                    "a kept message has the position after it",
                    entry.dot(),
                    entry.position());
        }
    }
}
