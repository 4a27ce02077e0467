package io.heliodor.session.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.counter.PartyBytes;
import io.heliodor.history.Dot;
import io.heliodor.log.BoundedLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.type.text.ControlCharacters;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of the histories of all topics: a pool that parties share, in which the party that holds most gives way. Any thread may
 * use it.
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

    /** The shares that are counted without releasing the lock. */
    private static final int COUNTED_AT_ONCE = 100;

    private final long maxBytes;

    /** The maximum number of topics without members whose histories are kept for clients that come back. */
    private final int maxIdle;

    private final Counters counters;
    private final BoundedLog gaps;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean warned = new AtomicBoolean();
    private final Map<String, T> topics = new ConcurrentHashMap<>();

    /** The shares whose bytes have changed since they were counted. */
    private final Queue<Share> changed = new ConcurrentLinkedQueue<>();

    /** The shares of each party. The one that gives way next comes first. */
    @GuardedBy("this")
    private final Map<Object, TreeSet<Share>> shares = new HashMap<>();

    /** The bytes of the parties, as counted. */
    @GuardedBy("this")
    private final PartyBytes<Object> held = new PartyBytes<>();

    /** The number of topics without members, by party. */
    @GuardedBy("this")
    private final PartyBytes<Object> idleTopics = new PartyBytes<>();

    /** The number of all of these topics. Written under the lock. */
    private volatile long idle;

    @GuardedBy("this")
    private long numbers;

    Histories(long maxBytes, int maxIdle, Counters counters, LongSupplier clock) {
        this.maxBytes = maxBytes;
        this.maxIdle = maxIdle;
        this.counters = counters;
        this.gaps = new BoundedLog(LOG, "gaps of histories", clock);
    }

    /** The part of the memory that one topic holds, for the party that began its history. */
    final class Share implements Comparable<Share> {
        private static final long HAS_MEMBERS = Long.MAX_VALUE;

        private final T topic;
        private final Object party;

        /** Written under the topic's lock. */
        private volatile long bytes;

        /** Whether it is one of those that changed. Set under the topic's lock. */
        private volatile boolean isChanged;

        // Under the lock of the histories.

        private long number;
        private long counted;

        /** The lower, the longer the topic has been without members. */
        private long idleNumber = HAS_MEMBERS;

        Share(T topic, Object party) {
            this.topic = topic;
            this.party = party;
        }

        /** Topics without members give way before all others, the one that has been without for longest first; then large ones. */
        @Override
        public int compareTo(Share other) {
            int byAge = Long.compare(idleNumber, other.idleNumber);
            int bySize = byAge == 0 ? Long.compare(other.counted, counted) : byAge;
            return bySize == 0 ? Long.compare(number, other.number) : bySize;
        }

        void begin() {
            topics.put(topic.name(), topic);
            synchronized (Histories.this) {
                number = numbers++;
                boolean _ = shares.computeIfAbsent(party, _ -> new TreeSet<>()).add(this);
            }
        }

        void end() {
            topics.remove(topic.name(), topic);
            synchronized (Histories.this) {
                place(this, HAS_MEMBERS, 0);
                TreeSet<Share> all = shares.getOrDefault(party, new TreeSet<>());
                if (all.remove(this) && all.isEmpty()) {
                    shares.remove(party);
                }
            }
        }

        /** The topic has no members any more, or is kept again for those of other nodes. */
        void idle() {
            synchronized (Histories.this) {
                place(this, numbers++, counted);
            }
        }

        /** The topic has members again. */
        void busy() {
            synchronized (Histories.this) {
                place(this, HAS_MEMBERS, counted);
            }
        }

        /** It holds more, or less. Called under the topic's lock. */
        void grow(long more) {
            long now = bytes + more;
            bytes = now;
            // After its bytes: the thread that counts clears it before it reads them.
            if (!isChanged) {
                isChanged = true;
                changed.add(this);
            }
            Histories.this.bytes.addAndGet(more);
        }
    }

    /** The share of a topic, which does not count before it begins. */
    Share share(T topic, Object party) {
        return new Share(topic, party);
    }

    @GuardedBy("this")
    private void count(Share share, long bytes) {
        place(share, share.idleNumber, bytes);
    }

    /** Changes the place of a share among those of its party, unless its history has ended. */
    @GuardedBy("this")
    private void place(Share share, long idleNumber, long bytes) {
        TreeSet<Share> all = shares.get(share.party);
        if (all == null || !all.remove(share)) {
            return;
        }
        held.add(share.party, bytes - share.counted);
        idleTopics.add(
                share.party,
                (idleNumber == Share.HAS_MEMBERS ? 0 : 1) - (share.idleNumber == Share.HAS_MEMBERS ? 0 : 1));
        idle = idleTopics.bytes();
        share.counted = bytes;
        share.idleNumber = idleNumber;
        all.add(share);
    }

    /** Counts the shares that have changed. */
    private void countAll() {
        boolean more = true;
        while (more) {
            more = countSome();
        }
    }

    /** Counts some shares that have changed. False if none is left. */
    private synchronized boolean countSome() {
        for (int i = 0; i < COUNTED_AT_ONCE; i++) {
            Share next = changed.poll();
            if (next == null) {
                return false;
            }
            next.isChanged = false;
            count(next, next.bytes);
        }
        return true;
    }

    /** The number of shares that have changed since they were counted. */
    int changed() {
        return changed.size();
    }

    /** Whether another copy for other nodes has to be refused: a limit is reached, and such copies hold most. */
    synchronized boolean isFull() {
        countAll();
        return (idleTopics.bytes() >= maxIdle && isLargest(OTHER_NODES, idleTopics))
                || (held.bytes() >= maxBytes && isLargest(OTHER_NODES, held));
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

    public long bytes() {
        return bytes.get();
    }

    /** The number of topics that have a history. */
    public int topics() {
        return topics.size();
    }

    /** Drops what is beyond the bounds, of the party that holds most: topics without members, then the older half of its largest history. */
    void trim() {
        BooleanSupplier next = next();
        while (next != null && next.getAsBoolean()) {
            counters.increment(Counter.HISTORIES_DROPPED);
            next = next();
        }
    }

    /** Lets one topic give way, called without the lock. Null if all is within the bounds. */
    private @Nullable BooleanSupplier next() {
        if (bytes.get() <= maxBytes && idle <= maxIdle) {
            return null; // nearly always, without the lock
        }
        countAll();
        return nextCounted();
    }

    private synchronized @Nullable BooleanSupplier nextCounted() {
        countAll();
        Object party = null;
        if (idleTopics.bytes() > maxIdle) {
            party = idleTopics.largest();
        } else if (held.bytes() > maxBytes) {
            party = held.largest();
        }
        if (party == null) {
            return null;
        }
        Share first = Objects.requireNonNull(shares.get(party)).first();
        // Counted as if it had given way already: else another thread would take from it, too.
        if (first.idleNumber == Share.HAS_MEMBERS) {
            count(first, first.counted / 2);
            return () -> {
                boolean any = first.topic.shrinkHistory();
                recount(first);
                return any;
            };
        }
        place(first, Share.HAS_MEMBERS, 0);
        return () -> {
            first.topic.forget();
            // Members may have come back.
            recount(first);
            return true;
        };
    }

    private synchronized void recount(Share share) {
        count(share, share.bytes);
    }

    Optional<T> find(String topic) {
        return Optional.ofNullable(topics.get(topic));
    }

    Stream<T> all() {
        return topics.values().stream();
    }

    void sweep(long now) {
        all().forEach(topic -> topic.sweep(now));
        // Else the shares of topics that ended would stay until the memory is full.
        countAll();
    }

    /** Ends the histories without members, since no client can come back. */
    void close() {
        all().forEach(Bounded::forget);
    }
}
