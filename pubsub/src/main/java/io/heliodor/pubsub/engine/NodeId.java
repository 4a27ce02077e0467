package io.heliodor.pubsub.engine;

import java.util.Comparator;
import java.util.Objects;

/**
 * The id of one incarnation of a node: from a start to its end.
 *
 * @param name the name of the node
 * @param incarnation a random number, different for each start
 */
public record NodeId(String name, long incarnation) implements Comparable<NodeId> {
    private static final Comparator<NodeId> ORDER =
            Comparator.comparing(NodeId::name).thenComparingLong(NodeId::incarnation);

    /** Checks that there is a name. */
    public NodeId {
        Objects.requireNonNull(name, "name");
    }

    /** By name, then by incarnation. */
    @Override
    public int compareTo(NodeId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return name + "#" + incarnation;
    }
}
