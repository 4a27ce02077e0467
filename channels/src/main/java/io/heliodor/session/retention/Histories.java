package io.heliodor.session.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.counter.PartyBytes;
import io.heliodor.history.Dot;
import io.heliodor.log.BoundedLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.type.text.ControlCharacters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of the histories of all topics, and the topics that have no members any more. Any thread may use it.
 *
 * <p>Its lock may be taken while a topic's lock is held, never the other way round.
 *
 * @param <T> the topics
 */
public final class Histories<T extends Histories.Bounded> {
    /** A topic with a history. Any thread may use it. */
    interface Bounded {
        /** The name of the topic. */
        String name();

        /** The user whose join began it: parties share the memory. */
        Object party();

        /** The bytes that the history keeps. */
        long historyBytes();

        /** Drops the older half of the history. False if nothing is left. */
        boolean shrinkHistory();

        /** Gives the history up, unless members came back. */
        void forget();

        /** Drops what is older than the history keeps. Called every second or so. */
        void sweep(long now);
    }

    /** The party of histories that began for other nodes. */
    static final Object OTHER_NODES = new Object();

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /**
     * The histories that are compared with the one that grew. If that one alone lost its older half, some histories would lose it
     * again and again by chance, up to the messages of the last seconds.
     */
    private static final int COMPARED = 8;

    private final long maxBytes;

    /** The maximum number of topics without members whose histories are kept for clients that come back. */
    private final int maxIdle;

    private final Counters counters;
    private final BoundedLog gaps;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean warned = new AtomicBoolean();
    private final Map<String, T> topics = new ConcurrentHashMap<>();

    /**
     * The topics without members of each party, with their bytes when they lost them. The one that has been without for longest comes
     * first.
     */
    @GuardedBy("this")
    private final Map<Object, LinkedHashMap<T, Long>> idle = new HashMap<>();

    /** The number of these topics, by party. */
    @GuardedBy("this")
    private final PartyBytes<Object> idleTopics = new PartyBytes<>();

    @GuardedBy("this")
    private final PartyBytes<Object> idleBytes = new PartyBytes<>();

    /** The topics that are compared next. */
    @GuardedBy("this")
    private Iterator<T> next = Collections.emptyIterator();

    Histories(long maxBytes, int maxIdle, Counters counters, LongSupplier clock) {
        this.maxBytes = maxBytes;
        this.maxIdle = maxIdle;
        this.counters = counters;
        this.gaps = new BoundedLog(LOG, "gaps of histories", clock);
    }

    void begin(T topic) {
        topics.put(topic.name(), topic);
    }

    void end(T topic) {
        topics.remove(topic.name(), topic);
        busy(topic);
    }

    /** It has no members any more, or is kept again for those of other nodes. */
    void idle(T topic) {
        idle(topic, topic.historyBytes());
    }

    private synchronized void idle(T topic, long size) {
        busy(topic);
        idle.computeIfAbsent(topic.party(), _ -> new LinkedHashMap<>(2)).put(topic, size);
        idleTopics.add(topic.party(), 1);
        idleBytes.add(topic.party(), size);
    }

    synchronized void busy(T topic) {
        Object party = topic.party();
        Map<T, Long> others = idle.getOrDefault(party, new LinkedHashMap<>(0));
        Long size = others.remove(topic);
        if (size != null) {
            idleTopics.add(party, -1);
            idleBytes.add(party, -size);
        }
        if (others.isEmpty()) {
            idle.remove(party);
        }
    }

    /** Whether another copy for other nodes has to be refused: a limit is reached, and such copies hold most. */
    synchronized boolean isFull() {
        return (idleTopics.bytes() >= maxIdle && isLargest(OTHER_NODES, idleTopics))
                || (bytes.get() >= maxBytes && isLargest(OTHER_NODES, idleBytes));
    }

    private static boolean isLargest(Object party, PartyBytes<Object> pool) {
        Object largest = pool.largest();
        return largest == null || pool.of(party) + 1 >= pool.of(largest);
    }

    /** Messages of a stream up to one were passed over, for a reason. */
    void missed(String topic, Dot last, String reason) {
        counters.increment(Counter.HISTORY_MISSED);
        gaps.warn(
                "The history of '{}' lacks messages of another node, up to number {} of its stream {}: {}. Its members are"
                        + " notified of a gap.",
                ControlCharacters.escaped(topic),
                last.counter(),
                Long.toString(last.stream(), Character.MAX_RADIX),
                reason);
    }

    /** A message was dropped that waited for its predecessors. */
    void evicted() {
        counters.increment(Counter.HISTORY_EVICTED);
    }

    /** Clients get a token that recovers nothing. */
    void tokenTooLong() {
        counters.increment(Counter.HISTORY_TOKENS_TOO_LONG);
        if (!warned.getAndSet(true)) {
            LOG.warn(
                    "The tokens of a history are too long: more than about 60 nodes, or starts of nodes, published to a topic"
                            + " within its time. Its clients get recovered: false until the messages of some have expired.");
        }
    }

    /** A token from before the end of a stream recovers nothing, though the messages after it are kept. */
    void streamForgotten() {
        counters.increment(Counter.HISTORY_STREAMS_FORGOTTEN);
    }

    void grow(long more) {
        bytes.addAndGet(more);
    }

    public long bytes() {
        return bytes.get();
    }

    /** The number of topics that have a history. */
    public int topics() {
        return topics.size();
    }

    /**
     * Drops what is beyond the bounds: topics without members, of the party that holds most of the bound, then what large histories have
     * kept for longest.
     */
    void trim(T grown) {
        T oldest = beyond();
        while (oldest != null) {
            counters.increment(Counter.HISTORIES_DROPPED);
            oldest.forget();
            oldest = beyond();
        }
        while (bytes.get() > maxBytes && largest(grown).shrinkHistory()) {
            counters.increment(Counter.HISTORIES_DROPPED);
        }
    }

    /** The topic with the largest history of this one and some others. */
    private T largest(T grown) {
        T largest = grown;
        long most = grown.historyBytes();
        for (T topic : compared()) {
            long other = topic.historyBytes();
            if (other > most) {
                largest = topic;
                most = other;
            }
        }
        return largest;
    }

    private synchronized List<T> compared() {
        List<T> compared = new ArrayList<>(COMPARED);
        for (int i = 0; i < COMPARED; i++) {
            if (!next.hasNext()) {
                next = topics.values().iterator();
            }
            if (next.hasNext()) {
                compared.add(next.next());
            }
        }
        return compared;
    }

    private synchronized @Nullable T beyond() {
        Object party = null;
        if (idleTopics.bytes() > maxIdle) {
            party = idleTopics.largest();
        } else if (bytes.get() > maxBytes) {
            // Those without messages are empty copies, if the others have members.
            party = idleBytes.bytes() > 0 ? idleBytes.largest() : idleTopics.largest();
        }
        if (party == null) {
            return null;
        }
        T first = Objects.requireNonNull(idle.get(party)).firstEntry().getKey();
        busy(first);
        return first;
    }

    Optional<T> find(String topic) {
        return Optional.ofNullable(topics.get(topic));
    }

    Stream<T> all() {
        return topics.values().stream();
    }

    void sweep(long now) {
        all().forEach(topic -> topic.sweep(now));
    }

    /** Ends the histories without members, since no client can come back. */
    void close() {
        all().forEach(Bounded::forget);
    }
}
