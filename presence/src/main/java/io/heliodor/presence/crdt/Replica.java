package io.heliodor.presence.crdt;

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
        return new Replica<>(id, version, shown, entries.put(entry), bytes + entry.bytes(), removals);
    }

    Replica<M> minus(Entry<M> entry) {
        return new Replica<>(id, version, shown, entries.remove(entry.counter()), bytes - entry.bytes(), removals);
    }

    /** This copy with a removal at a version, which is above that of all earlier removals. */
    Replica<M> removed(long counter, long at) {
        return new Replica<>(id, version, shown, entries, bytes, removals.plus(at, counter, entries.size()));
    }

    /** This copy with a later version, which its changes have led to. */
    Replica<M> at(long next) {
        return new Replica<>(id, next, shown, entries, bytes, removals);
    }

    /** This copy with a later version, which pages have led to: removals up to there are not known. */
    Replica<M> copiedAt(long next) {
        return new Replica<>(id, next, shown, entries, bytes, RemovalLog.noneSince(next));
    }
}
