package io.heliodor.presence.crdt;

/**
 * A copy of what one replica has: at least all that it had added and removed up to a version. Additions after that version
 * may be among the entries already, when they came with a page.
 *
 * @param id of the replica
 * @param version up to which version this is complete
 * @param shown whether readers see its entries
 * @param entries by counter
 * @param removals the latest
 */
record Replica<M>(ReplicaId id, long version, boolean shown, RadixTree<Entry<M>> entries, RemovalLog removals) {
    /** Nothing is known of it. */
    static <M> Replica<M> unknown(ReplicaId id) {
        return new Replica<>(id, 0, false, RadixTree.byCounter(), RemovalLog.noneSince(0));
    }

    long incarnation() {
        return id.incarnation();
    }

    Replica<M> shown(boolean now) {
        return new Replica<>(id, version, now, entries, removals);
    }

    Replica<M> plus(Entry<M> entry) {
        return new Replica<>(id, version, shown, entries.put(entry), removals);
    }

    Replica<M> minus(long counter) {
        return new Replica<>(id, version, shown, entries.remove(counter), removals);
    }

    /** It is known that a counter was removed up to a version, which is above that of all removals before. */
    Replica<M> removed(long counter, long at) {
        return new Replica<>(id, version, shown, entries, removals.plus(at, counter, entries.size()));
    }

    /** It is complete up to a version, by what came before. */
    Replica<M> at(long next) {
        return new Replica<>(id, next, shown, entries, removals);
    }

    /** It is complete up to a version, by pages: the removals up to there are not known. */
    Replica<M> copiedAt(long next) {
        return new Replica<>(id, next, shown, entries, RemovalLog.noneSince(next));
    }
}
