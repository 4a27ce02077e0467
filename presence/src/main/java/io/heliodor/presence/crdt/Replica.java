package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;

/**
 * A copy of one replica: all of its additions and removals up to a version. Later additions may be among the entries, if they came
 * with a page.
 *
 * @param id the id of the replica
 * @param version the version up to which the copy is complete
 * @param shown whether readers see its entries
 * @param entries the entries by counter
 * @param bytes the heap that the entries take, for a replica of another node
 * @param removals the latest removals
 */
record Replica<M>(
        ReplicaId id, long version, boolean shown, RadixTree<Entry<M>> entries, long bytes, RemovalLog removals) {
    /** The copy of a replica that is not known. */
    static <M> Replica<M> unknown(ReplicaId id) {
        return new Replica<>(id, 0, false, RadixTree.byCounter(), 0, RemovalLog.noneSince(0));
    }

    long incarnation() {
        return id.incarnation();
    }

    Replica<M> shown(boolean now) {
        return new Replica<>(id, version, now, entries, bytes, removals);
    }

    Replica<M> plus(Entry<M> entry) {
        RadixTree<Entry<M>> more = entries.put(entry);
        Invariant.check(more.size() == entries.size() + 1, "a dot is added once", entry);
        return new Replica<>(id, version, shown, more, bytes + entry.bytes(), removals);
    }

    Replica<M> minus(Entry<M> entry) {
        RadixTree<Entry<M>> fewer = entries.remove(entry.counter());
        Invariant.check(fewer.size() == entries.size() - 1, "a dot that is present is removed", entry);
        return new Replica<>(id, version, shown, fewer, bytes - entry.bytes(), removals);
    }

    /** This copy with a removal at a version, which is above that of all earlier removals. */
    Replica<M> removed(long counter, long at) {
        return new Replica<>(id, version, shown, entries, bytes, removals.plus(at, counter, entries.size()));
    }

    /** This copy with a later version, which its changes have led to. */
    Replica<M> at(long next) {
        Invariant.check(next > version, "a version grows", id, version, next);
        return new Replica<>(id, next, shown, entries, bytes, removals);
    }

    /** This copy with a later version, which pages have led to: removals up to there are not known. */
    Replica<M> copiedAt(long next) {
        return new Replica<>(id, next, shown, entries, bytes, RemovalLog.noneSince(next));
    }

    /** Checks the entries against the version, the removals and the sums. */
    void checkInvariants(boolean own) {
        List<Entry<M>> all = new ArrayList<>();
        entries.forEach(all::add);
        Invariant.check(all.size() == entries.size(), "the entries are counted", id, all.size(), entries.size());
        long before = 0;
        long sum = 0;
        for (Entry<M> entry : all) {
            Invariant.check(entry.replica().equals(id), "an entry is of its replica", id, entry);
            Invariant.check(entry.counter() > before, "counters are in order", id, before, entry);
            Invariant.check(!own || entry.counter() <= version, "the version covers each own entry", version, entry);
            before = entry.counter();
            sum += entry.bytes();
        }
        Invariant.check(sum == bytes, "the bytes are those of the entries", id, sum, bytes);
        removals.checkInvariants(version);
        removals.forEachSince(
                0,
                counter ->
                        Invariant.check(entries.get(counter) == null, "what was removed is not present", id, counter));
    }
}
