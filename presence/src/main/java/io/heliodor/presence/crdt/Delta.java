package io.heliodor.presence.crdt;

import java.util.List;

/**
 * The additions and removals of a replica between two versions. Merging it into a copy of any version in between gives the second
 * version.
 *
 * @param replica the replica
 * @param from the first version
 * @param to the second version
 * @param added the entries that were added after {@code from} and are present at {@code to}, by counter
 * @param removed the counters of the entries that were removed in between
 * @param <M> the type of the metas
 */
public record Delta<M>(ReplicaId replica, long from, long to, List<Entry<M>> added, List<Long> removed) {
    /** Checks the versions and the replica of the entries. */
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
}
