package io.heliodor.presence.crdt;

import java.util.Objects;

/**
 * The identifier of one addition, which is never used again.
 *
 * @param replica the replica that added
 * @param counter the version of the replica after the addition, from 1
 */
public record Dot(ReplicaId replica, long counter) {
    /** Checks that the counter is positive. */
    public Dot {
        Objects.requireNonNull(replica, "replica");
        if (counter < 1) {
            throw new IllegalArgumentException("The counter of a dot starts at 1, but this one is " + counter);
        }
    }
}
