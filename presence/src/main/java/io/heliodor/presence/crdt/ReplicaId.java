package io.heliodor.presence.crdt;

import java.util.Comparator;
import java.util.Objects;

/**
 * The id of a replica: one incarnation of a node. A node that starts again is another replica. The membership of the cluster decides
 * which incarnation is current; the numbers have no order.
 *
 * @param node the name of the node
 * @param incarnation a random number, unique among all replicas
 */
public record ReplicaId(String node, long incarnation) implements Comparable<ReplicaId> {
    private static final Comparator<ReplicaId> ORDER =
            Comparator.comparing(ReplicaId::node).thenComparingLong(ReplicaId::incarnation);

    /** Checks that there is a name. */
    public ReplicaId {
        Objects.requireNonNull(node, "node");
    }

    /** By node, then by incarnation. */
    @Override
    public int compareTo(ReplicaId other) {
        return ORDER.compare(this, other);
    }
}
