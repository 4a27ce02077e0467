package io.heliodor.presence.crdt;

import java.util.List;

/**
 * A part of a copy of a replica: the entries of a range of counters that are present at a version.
 *
 * @param replica the replica
 * @param version the version
 * @param after the range begins after this counter
 * @param last the last counter of the range; in the last page the version
 * @param entries the entries that are present, by counter
 * @param <M> the type of the metas
 */
public record CopyPage<M>(ReplicaId replica, long version, long after, long last, List<Entry<M>> entries) {
    /** Checks that the entries are of the replica and in the range. */
    public CopyPage {
        if (after < 0 || last <= after || last > version) {
            throw new IllegalArgumentException(
                    "A page at version %d is of some counters up to it, not of those after %d to %d"
                            .formatted(version, after, last));
        }
        entries = List.copyOf(entries);
        for (Entry<M> entry : entries) {
            if (!entry.replica().equals(replica) || entry.counter() <= after || entry.counter() > last) {
                throw new IllegalArgumentException(
                        "A page of %s from %d to %d cannot have: %s".formatted(replica, after, last, entry));
            }
        }
    }

    /** Whether it is the last page of a copy. */
    public boolean isLast() {
        return last == version;
    }
}
