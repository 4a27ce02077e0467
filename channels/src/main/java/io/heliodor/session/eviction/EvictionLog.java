package io.heliodor.session.eviction;

import io.heliodor.gossip.Entry;
import io.heliodor.gossip.EntryHash;
import io.heliodor.gossip.Replica;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The evictions of the last minute, each under a key by chance, which its {@linkplain Eviction#text text} follows. Its number is 0 in a
 * broadcast, and later one more than its age in nanoseconds. A node that did not get one at once, because it was cut off, gets it later.
 * Any thread may use it; its lock is held for moments, and never while sessions are closed.
 */
public final class EvictionLog implements Replica<Entry> {
    /** A disconnect reaches also the nodes that can be reached within this time. */
    private static final long REACH = TimeUnit.MINUTES.toNanos(1);

    /** Until then it is known that a disconnect was made. */
    private static final long KNOWN = 2 * REACH;

    /** Beyond so many the oldest are not given to nodes that missed them. */
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
    private final LinkedHashMap<String, Long> times = new LinkedHashMap<>();

    public EvictionLog(LongSupplier clock, Effect effect) {
        this.clock = clock;
        this.effect = effect;
    }

    public static Entry entry(Eviction eviction) {
        return new Entry(Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36) + eviction.text(), 0);
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
    public void merge(Entry entry) {
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
    public String key(Entry entry) {
        return entry.key();
    }

    @Override
    public synchronized Collection<Entry> all() {
        long now = clock.getAsLong();
        TreeMap<String, Entry> all = new TreeMap<>();
        times.forEach((each, at) -> {
            if (now - at < REACH) {
                all.put(each, new Entry(each, now - at + 1));
            }
        });
        return all.values();
    }

    /** Of the key: the age is another one at each moment. */
    @Override
    public long hash(Entry entry) {
        return EntryHash.of(entry.key(), 0);
    }

    @Override
    public synchronized long hash() {
        return all().stream().mapToLong(this::hash).sum();
    }

    /** Forgets old ones. To be called every second or so. */
    public synchronized void sweep(long now) {
        times.values().removeIf(at -> now - at >= KNOWN);
    }
}
