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

/**
 * The latest revocation of each subject. If there are too many, the earliest ones are replaced by a floor for all subjects. So the
 * content depends on the merged entries only, not on their order.
 */
final class RevokedSubjects implements Replica<Entry> {
    /** The key of the floor. */
    private static final String FLOOR = "f";

    /** The prefix of the keys of subjects. */
    private static final String SUBJECT = "s";

    private final int max;

    /** The times by key, in milliseconds. Written under the lock of this. */
    private final Map<String, Long> untils = new ConcurrentHashMap<>();

    /** The same entries, the earliest first. */
    @GuardedBy("this")
    private final TreeSet<Entry> order =
            new TreeSet<>(Comparator.comparingLong(Entry::number).thenComparing(Entry::key));

    /** The time up to which the tokens of all subjects are refused. Written under the lock of this. */
    private volatile long floor = Long.MIN_VALUE;

    RevokedSubjects(int max) {
        this.max = max;
    }

    static Entry entry(String subject, long untilMillis) {
        return new Entry(SUBJECT + subject, untilMillis);
    }

    @Override
    public synchronized void merge(Entry entry) {
        if (entry.number() <= floor) {
            return;
        }
        if (entry.key().equals(FLOOR)) {
            raise(entry.number());
            return;
        }
        Long known = untils.get(entry.key());
        if (known != null && known >= entry.number()) {
            return;
        }
        if (known != null) {
            order.remove(new Entry(entry.key(), known));
        }
        untils.put(entry.key(), entry.number());
        order.add(entry);
        if (order.size() > max) {
            raise(order.getFirst().number());
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

    @Override
    public String key(Entry entry) {
        return entry.key();
    }

    @Override
    public synchronized Collection<Entry> all() {
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
        long ofFloor = floor == Long.MIN_VALUE ? 0 : hash(new Entry(FLOOR, floor));
        return ofFloor + order.stream().mapToLong(this::hash).sum();
    }

    synchronized void clear() {
        order.clear();
        untils.clear();
    }
}
