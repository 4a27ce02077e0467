package io.heliodor.link;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.util.Objects;

/**
 * One incarnation of a node: each start of a node makes another peer of the same name.
 *
 * @param node the name of the node, {@code app@host}
 * @param incarnation 63 random bits, drawn at the start of the node; compared for equality only
 */
public record Peer(String node, long incarnation) implements Comparable<Peer> {
    /**
     * An incarnation of a node.
     *
     * @throws IllegalArgumentException when the incarnation is negative
     */
    public Peer {
        Objects.requireNonNull(node, "node");
        if (incarnation < 0) {
            throw new IllegalArgumentException("An incarnation has 63 bits, but this one is " + incarnation);
        }
    }

    /**
     * Reads a peer.
     *
     * @param in where it begins
     * @return the peer
     * @throws DecodeException when it is not a peer
     */
    public static Peer read(BinaryReader in) throws DecodeException {
        String node = in.text();
        long incarnation = in.number();
        if (incarnation < 0) {
            throw new DecodeException("an incarnation of 64 bits");
        }
        return new Peer(node, incarnation);
    }

    /**
     * Writes it.
     *
     * @param out the writer
     */
    public void write(BinaryWriter out) {
        out.text(node).number(incarnation);
    }

    /** Compares names, then incarnations. The order is the same on all nodes, and has no other meaning. */
    @Override
    public int compareTo(Peer other) {
        int byName = node.compareTo(other.node);
        return byName != 0 ? byName : Long.compare(incarnation, other.incarnation);
    }

    @Override
    public String toString() {
        return node + "#" + Long.toString(incarnation, 36);
    }
}
