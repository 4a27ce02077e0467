package io.heliodor.process.engine;

import io.heliodor.link.Peer;

/**
 * The identity of a process, or of a call that waits for its answer, as nodes exchange it.
 *
 * @param peer its node
 * @param number its number there; unique for that incarnation of the node
 */
public record ProcessId(Peer peer, long number) implements Comparable<ProcessId> {
    /**
     * The text form, for JSON.
     *
     * @return number, incarnation and node
     */
    public String text() {
        return Long.toString(number, 36) + "." + Long.toString(peer.incarnation(), 36) + "." + peer.node();
    }

    /**
     * Parses a text.
     *
     * @param text as {@link #text} gave it
     * @return the id
     * @throws IllegalArgumentException when it is invalid
     */
    public static ProcessId of(String text) {
        String[] parts = text.split("\\.", 3);
        if (parts.length != 3 || parts[2].isEmpty() || parts[2].length() > 400) {
            throw new IllegalArgumentException("not the text of an address");
        }
        return new ProcessId(new Peer(parts[2], Long.parseLong(parts[1], 36)), Long.parseLong(parts[0], 36));
    }

    /** By node, then by age. */
    @Override
    public int compareTo(ProcessId other) {
        int byPeer = peer.compareTo(other.peer);
        return byPeer != 0 ? byPeer : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return peer.node() + "/" + number;
    }
}
