package io.heliodor.link.jgroups.socket;

/**
 * The versions of the protocol between nodes that a node has. Two nodes use the highest version that both have. So
 * nodes can be replaced one by one by those of the next release, which has the present version as well.
 *
 * @param lowest the lowest version, 1 to 255
 * @param highest the highest version, {@code lowest} to 255
 */
public record ProtocolVersions(int lowest, int highest) {
    /** The first version in which large envelopes are sent in parts. */
    public static final int PARTS = 2;

    /** The first version in which envelopes have connections of their own. */
    public static final int DATA = 3;

    /** The versions of this release. */
    public static final ProtocolVersions PRESENT = new ProtocolVersions(1, DATA);

    /**
     * A range of versions.
     *
     * @throws IllegalArgumentException when it is empty, or a version does not fit into a byte
     */
    public ProtocolVersions {
        if (lowest < 1 || highest < lowest || highest > 255) {
            throw new IllegalArgumentException(
                    "Versions are 1 to 255, in order, not " + lowest + " to " + highest + ".");
        }
    }

    /** Whether both have a version in common. */
    public boolean overlaps(ProtocolVersions other) {
        return highest >= other.lowest && other.highest >= lowest;
    }

    /** The highest version that both have; the highest of these if they have none in common. */
    public int negotiate(ProtocolVersions other) {
        return overlaps(other) ? Math.min(highest, other.highest) : highest;
    }

    /** Whether a version is one of these. */
    boolean has(int version) {
        return lowest <= version && version <= highest;
    }
}
