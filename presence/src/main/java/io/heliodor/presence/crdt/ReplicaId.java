package io.heliodor.presence.crdt;

import java.util.Comparator;
import java.util.Objects;

/**
 * One run of one node. A node that starts again is another replica of the same name, with a greater life; whoever learns
 * of the greater life takes the earlier ones for ended.
 *
 * @param name the name of the node
 * @param life which run of it
 */
public record ReplicaId(String name, long life) implements Comparable<ReplicaId> {
    private static final Comparator<ReplicaId> ORDER =
            Comparator.comparing(ReplicaId::name).thenComparingLong(ReplicaId::life);

    /** Checks that there is a name. */
    public ReplicaId {
        Objects.requireNonNull(name, "name");
    }

    /** By name, then by life. */
    @Override
    public int compareTo(ReplicaId other) {
        return ORDER.compare(this, other);
    }
}
