package io.heliodor.presence.crdt;

import java.util.List;

/**
 * A part of a copy: those of some counters that are present at a version.
 *
 * @param replica of which replica
 * @param version as of which version
 * @param after the counters after this one
 * @param last up to this one; the version if it is the last page
 * @param entries those of the counters that are present, by counter
 * @param <M> type of what is said about an entry
 */
public record Page<M>(ReplicaId replica, long version, long after, long last, List<Entry<M>> entries) {
    /** Checks that the entries are of the replica, and have these counters. */
    public Page {
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

    /** Whether it is the last one. */
    public boolean isLast() {
        return last == version;
    }
}
