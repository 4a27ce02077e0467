package io.heliodor.presence.crdt;

import java.util.Comparator;
import java.util.Objects;

/**
 * One life of one node. A node that starts again is another replica. Which of the lives of a node is the current one, the
 * members of the cluster decide, and not the numbers.
 *
 * @param node the name of the node
 * @param incarnation which life of it: a number by chance, unique among all replicas
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
