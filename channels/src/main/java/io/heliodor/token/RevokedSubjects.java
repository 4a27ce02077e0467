package io.heliodor.token;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.gossip.EntryHash;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.gossip.GossipReplica;
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
final class RevokedSubjects implements GossipReplica<GossipEntry> {
    /** The key of the floor. Nodes of an earlier version send it in place of the earliest revocations. */
    private static final String FLOOR = "f";

    /** The prefix of the keys of subjects. */
    private static final String SUBJECT = "s";

    /**
     * A revocation.
     *
     * @param until its time in milliseconds
     * @param past whether it revoked earlier tokens only when it came, with its time as far ahead as clocks may differ
     */
    private record Revoked(long until, boolean past) {}

    private final LongSupplier clock;
    private final long clockDifference;
    private final long retention;

    /** The revocations by key. Written under the lock of this. */
    private final Map<String, Revoked> revoked = new ConcurrentHashMap<>();

    /** The same entries, the earliest first. */
    @GuardedBy("this")
    private final TreeSet<GossipEntry> order =
            new TreeSet<>(Comparator.comparingLong(GossipEntry::number).thenComparing(GossipEntry::key));

    /** The characters of all keys. */
    @GuardedBy("this")
    private long characters;

    /** The time up to which the tokens of all subjects are refused. Written under the lock of this. */
    private volatile long floor = Long.MIN_VALUE;

    /**
     * No revocations.
     *
     * @param clock the wall clock, in milliseconds
     * @param clockDifference how far the clocks of nodes may differ, in milliseconds
     * @param maxValidity the maximum validity of tokens, in milliseconds
     */
    RevokedSubjects(LongSupplier clock, long clockDifference, long maxValidity) {
        this.clock = clock;
        this.clockDifference = clockDifference;
        this.retention = maxValidity + clockDifference;
    }

    static GossipEntry entry(String subject, long untilMillis) {
        return new GossipEntry(SUBJECT + subject, untilMillis);
    }

    @Override
    public synchronized void merge(GossipEntry entry) {
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
        Revoked known = revoked.get(entry.key());
        if (known != null && known.until() >= until) {
            return;
        }
        if (known == null) {
            characters += entry.key().length();
        } else {
            order.remove(new GossipEntry(entry.key(), known.until()));
        }
        revoked.put(entry.key(), new Revoked(until, until - clock.getAsLong() <= 2 * clockDifference));
        order.add(entry);
    }

    /** Whether all tokens that were signed up to a time have expired. */
    boolean hasEnded(long untilMillis) {
        return untilMillis <= clock.getAsLong() - retention;
    }

    @GuardedBy("this")
    private void expire() {
        while (!order.isEmpty() && hasEnded(order.getFirst().number())) {
            removeFirst();
        }
        if (hasEnded(floor)) {
            floor = Long.MIN_VALUE;
        }
    }

    @GuardedBy("this")
    private void removeFirst() {
        String key = order.removeFirst().key();
        revoked.remove(key);
        characters -= key.length();
    }

    @GuardedBy("this")
    private void raise(long to) {
        // The floor first: a token must not be valid in between.
        floor = to;
        while (!order.isEmpty() && order.getFirst().number() <= to) {
            removeFirst();
        }
    }

    boolean refuses(String subject, long signedMillis) {
        Revoked known = revoked.get(SUBJECT + subject);
        return signedMillis <= floor || (known != null && signedMillis <= known.until());
    }

    /**
     * The time that a token gets: after a revocation of earlier tokens, also if that was made by a node whose clock is ahead.
     *
     * @param subject the subject of the token
     * @param millis the time by the clock
     * @return the same time or a later one; a revocation until a time in the future changes nothing
     */
    long signingTime(String subject, long millis) {
        Revoked known = revoked.get(SUBJECT + subject);
        return known != null && known.past() ? Math.max(millis, known.until() + 1) : millis;
    }

    /** Merges an entry of this node. False if its subject would be one too many, or all would be too long: then nothing changes. */
    synchronized boolean add(GossipEntry entry, int max, long maxCharacters) {
        expire();
        boolean isFull = order.size() >= max || characters + entry.key().length() > maxCharacters;
        if (isFull && !revoked.containsKey(entry.key())) {
            return false;
        }
        merge(entry);
        return true;
    }

    /** The number of subjects. */
    synchronized int size() {
        expire();
        return order.size();
    }

    @Override
    public String key(GossipEntry entry) {
        return entry.key();
    }

    @Override
    public synchronized Collection<GossipEntry> all() {
        expire();
        TreeMap<String, GossipEntry> all = new TreeMap<>();
        order.forEach(entry -> all.put(entry.key(), entry));
        if (floor != Long.MIN_VALUE) {
            all.put(FLOOR, new GossipEntry(FLOOR, floor));
        }
        return all.values();
    }

    @Override
    public long hash(GossipEntry entry) {
        return EntryHash.of(entry.key(), entry.number());
    }

    @Override
    public synchronized long hash() {
        expire();
        long ofFloor = floor == Long.MIN_VALUE ? 0 : hash(new GossipEntry(FLOOR, floor));
        return ofFloor + order.stream().mapToLong(this::hash).sum();
    }

    synchronized void clear() {
        order.clear();
        revoked.clear();
        characters = 0;
        floor = Long.MIN_VALUE;
    }
}
