package io.heliodor.token;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.gossip.Entry;
import io.heliodor.gossip.EntryHash;
import io.heliodor.gossip.Replica;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The latest revocation of each subject, until all tokens that it concerns have expired. The content depends on the merged entries and
 * the time, not on their order. Merged entries have no limit, since the node that made a revocation has checked it.
 */
final class RevokedSubjects implements Replica<Entry> {
    /** The key of the floor. Nodes of an earlier version send it in place of the earliest revocations. */
    private static final String FLOOR = "f";

    /** The prefix of the keys of subjects. */
    private static final String SUBJECT = "s";

    private final LongSupplier clock;
    private final long retention;

    /** The times by key, in milliseconds. Written under the lock of this. */
    private final Map<String, Long> untils = new ConcurrentHashMap<>();

    /** The same entries, the earliest first. */
    @GuardedBy("this")
    private final TreeSet<Entry> order =
            new TreeSet<>(Comparator.comparingLong(Entry::number).thenComparing(Entry::key));

    /** The time up to which the tokens of all subjects are refused. Written under the lock of this. */
    private volatile long floor = Long.MIN_VALUE;

    /**
     * No revocations.
     *
     * @param clock the wall clock, in milliseconds
     * @param retention how long an entry is kept after its time, in milliseconds
     */
    RevokedSubjects(LongSupplier clock, long retention) {
        this.clock = clock;
        this.retention = retention;
    }

    static Entry entry(String subject, long untilMillis) {
        return new Entry(SUBJECT + subject, untilMillis);
    }

    @Override
    public synchronized void merge(Entry entry) {
        expire();
        long until = entry.number();
        if (until <= floor || hasEnded(until)) {
            return;
        }
        if (entry.key().equals(FLOOR)) {
            // A floor in the future would refuse the tokens of all subjects, also those that are signed from now on.
            if (until <= clock.getAsLong()) {
                raise(until);
            }
            return;
        }
        Long known = untils.get(entry.key());
        if (known != null && known >= until) {
            return;
        }
        if (known != null) {
            order.remove(new Entry(entry.key(), known));
        }
        untils.put(entry.key(), until);
        order.add(entry);
    }

    /** Whether all tokens that were signed up to a time have expired. */
    boolean hasEnded(long untilMillis) {
        return untilMillis <= clock.getAsLong() - retention;
    }

    @GuardedBy("this")
    private void expire() {
        while (!order.isEmpty() && hasEnded(order.getFirst().number())) {
            untils.remove(order.removeFirst().key());
        }
        if (hasEnded(floor)) {
            floor = Long.MIN_VALUE;
        }
    }

    @GuardedBy("this")
    private void raise(long to) {
        // The floor first: a token must not be valid in between.
        floor = to;
        while (!order.isEmpty() && order.getFirst().number() <= to) {
            untils.remove(order.removeFirst().key());
        }
    }

    boolean refuses(String subject, long signedMillis) {
        Long until = untils.get(SUBJECT + subject);
        return signedMillis <= floor || (until != null && signedMillis <= until);
    }

    boolean has(String subject) {
        return untils.containsKey(SUBJECT + subject);
    }

    /** The number of subjects. */
    synchronized int size() {
        expire();
        return order.size();
    }

    @Override
    public String key(Entry entry) {
        return entry.key();
    }

    @Override
    public synchronized Collection<Entry> all() {
        expire();
        TreeMap<String, Entry> all = new TreeMap<>();
        order.forEach(entry -> all.put(entry.key(), entry));
        if (floor != Long.MIN_VALUE) {
            all.put(FLOOR, new Entry(FLOOR, floor));
        }
        return all.values();
    }

    @Override
    public long hash(Entry entry) {
        return EntryHash.of(entry.key(), entry.number());
    }

    @Override
    public synchronized long hash() {
        expire();
        long ofFloor = floor == Long.MIN_VALUE ? 0 : hash(new Entry(FLOOR, floor));
        return ofFloor + order.stream().mapToLong(this::hash).sum();
    }

    synchronized void clear() {
        order.clear();
        untils.clear();
        floor = Long.MIN_VALUE;
    }
}
