package io.heliodor.link.jgroups;

/**
 * The versions of the protocol between nodes that a node has. Two nodes use the highest one that both have. So nodes are replaced
 * one by one by those of the next release, which has the present version, too.
 *
 * @param lowest the lowest one, 1 to 255
 * @param highest the highest one, {@code lowest} to 255
 */
public record ProtocolVersions(int lowest, int highest) {
    /** Those of this release. */
    public static final ProtocolVersions PRESENT = new ProtocolVersions(1, 1);

    /**
     * A range of versions.
     *
     * @throws IllegalArgumentException when it is empty, or a version does not fit into a byte
     */
    public ProtocolVersions {
        if (lowest < 1 || highest < lowest || highest > 255) {
            throw new IllegalArgumentException(
                    "ProtocolVersions are 1 to 255, in order, not " + lowest + " to " + highest + ".");
        }
    }

    /** Whether there is a version that both have. */
    boolean meets(ProtocolVersions other) {
        return highest >= other.lowest && other.highest >= lowest;
    }

    /** The highest version that both have, if there is one; else the highest one of these. */
    int chosen(ProtocolVersions other) {
        return meets(other) ? Math.min(highest, other.highest) : highest;
    }

    /** Whether a version is one of these. */
    boolean has(int version) {
        return lowest <= version && version <= highest;
    }
}
