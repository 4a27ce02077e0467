package io.heliodor.link;

import java.util.Objects;

/**
 * One life of a node. A node that is started again is another peer, and so is whoever takes its name.
 *
 * @param node the name of the node, {@code app@host}
 * @param life 63 random bits, drawn when the node was started and constant while it lives; compared for equality only
 */
public record Peer(String node, long life) implements Comparable<Peer> {
    /**
     * A life of a node.
     *
     * @throws IllegalArgumentException when the life is negative
     */
    public Peer {
        Objects.requireNonNull(node, "node");
        if (life < 0) {
            throw new IllegalArgumentException("A life has 63 bits, but this one is " + life);
        }
    }

    /** By name, then by life: an order that is the same everywhere, and means nothing else. */
    @Override
    public int compareTo(Peer other) {
        int byName = node.compareTo(other.node);
        return byName != 0 ? byName : Long.compare(life, other.life);
    }

    @Override
    public String toString() {
        return node + "#" + Long.toString(life, 36);
    }
}
