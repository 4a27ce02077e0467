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

    /**
     * The order of rendezvous hashing (Thaler, Ravishankar, 1998): the same on all nodes, and another one for each key.
     *
     * @param key the key
     * @return a comparator
     */
    public static Comparator<NodeId> rendezvous(String key) {
        return Comparator.comparingLong((NodeId node) -> node.weight(key)).thenComparing(Comparator.naturalOrder());
    }

    private long weight(String key) {
        long mixed = (31L * key.hashCode() + hashCode()) * 0x9e3779b97f4a7c15L;
        return mixed ^ (mixed >>> 32);
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
