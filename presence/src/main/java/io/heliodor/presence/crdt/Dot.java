package io.heliodor.presence.crdt;

import java.util.Objects;

/**
 * The name of one addition, for ever.
 *
 * @param replica who added
 * @param counter the how-manieth addition of that replica it is, from 1
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
