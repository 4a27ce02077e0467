package io.heliodor.presence.crdt;

import java.util.List;

/**
 * The additions and removals of a replica between two versions. It takes a copy of any version from the first to the second one to
 * the second.
 *
 * @param replica of which replica
 * @param from from which version
 * @param to to which version
 * @param added what was added after {@code from} and is present at {@code to}, by counter
 * @param removed the counters of what was removed in between
 * @param <M> type of what is said about an entry
 */
public record Delta<M>(ReplicaId replica, long from, long to, List<Entry<M>> added, List<Long> removed) {
    /** Checks the versions, and that the entries are of the replica. */
    public Delta {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "A delta goes from a version to a later one, not from " + from + " to " + to);
        }
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        for (Entry<M> entry : added) {
            if (!entry.replica().equals(replica) || entry.counter() > to) {
                throw new IllegalArgumentException(
                        "A delta of %s up to %d cannot add: %s".formatted(replica, to, entry));
            }
        }
    }

    /** Whether it brings nothing. */
    public boolean isEmpty() {
        return from == to;
    }
}
