package io.heliodor.session.eviction;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.gossip.EntryHash;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.gossip.GossipReplica;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The evictions of the last minute. Keys are a random prefix and the {@linkplain Eviction#text text}. The number of an entry is 0 when
 * broadcast, else the age in nanoseconds + 1. A node that did not get an eviction at once, because it was cut off, gets it later.
 * Any thread may use it; its lock is held for moments, and never while sessions are closed.
 */
public final class EvictionLog implements GossipReplica<GossipEntry> {
    /** A disconnect reaches also the nodes that can be reached within this time. */
    private static final long REACH = TimeUnit.MINUTES.toNanos(1);

    /** How long keys are kept to detect repeats. */
    private static final long RETENTION = 2 * REACH;

    /** The maximum number of recorded evictions. Beyond it, nodes that missed the oldest do not get them. */
    public static final int MAX = 10_000;

    /** Carries evictions out. */
    @FunctionalInterface
    public interface Effect {
        /**
         * Carries out an eviction on the connections and channels that had begun by a time.
         *
         * @param eviction the eviction
         * @param at its time, by the clock
         * @param late whether there may be connections that began after it
         */
        void evict(Eviction eviction, long at, boolean late);
    }

    private final LongSupplier clock;
    private final Effect effect;

    /** The time of each, by the clock of this node; in the order in which they came. */
    @GuardedBy("this")
    private final LinkedHashMap<String, Long> times = new LinkedHashMap<>();

    public EvictionLog(LongSupplier clock, Effect effect) {
        this.clock = clock;
        this.effect = effect;
    }

    public static GossipEntry entry(Eviction eviction) {
        return new GossipEntry(Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36) + eviction.text(), 0);
    }

    /** The text of an eviction in a key: it begins after the digits and letters. */
    private static String text(String key) {
        int from = 0;
        while (from < key.length() && Character.digit(key.charAt(from), 36) >= 0) {
            from++;
        }
        return key.substring(from);
    }

    @Override
    public void merge(GossipEntry entry) {
        boolean late = entry.number() > 0;
        long age = late ? entry.number() - 1 : 0;
        if (age < 0 || age >= REACH) {
            return;
        }
        long at = clock.getAsLong() - age;
        synchronized (this) {
            if (times.putIfAbsent(entry.key(), at) != null) {
                return;
            }
            if (times.size() > MAX) {
                times.pollFirstEntry();
            }
        }
        Eviction.parse(text(entry.key())).ifPresent(eviction -> effect.evict(eviction, at, late));
    }

    @Override
    public String key(GossipEntry entry) {
        return entry.key();
    }

    @Override
    public synchronized Collection<GossipEntry> all() {
        long now = clock.getAsLong();
        TreeMap<String, GossipEntry> all = new TreeMap<>();
        times.forEach((each, at) -> {
            if (now - at < REACH) {
                all.put(each, new GossipEntry(each, now - at + 1));
            }
        });
        return all.values();
    }

    /** Hashes the key only, since the age changes. */
    @Override
    public long hash(GossipEntry entry) {
        return EntryHash.of(entry.key(), 0);
    }

    @Override
    public synchronized long hash() {
        return all().stream().mapToLong(this::hash).sum();
    }

    /** Forgets old ones. To be called every second or so. */
    public synchronized void sweep(long now) {
        times.values().removeIf(at -> now - at >= RETENTION);
    }
}
