package io.heliodor.membership;

import java.util.Objects;

/**
 * One node of the cluster, as this node sees it.
 *
 * @param node its name, {@code app@host}
 * @param status its status
 * @param incarnation the incarnation of that name: 63 random bits, drawn at its start; compare them for equality only
 */
public record Member(String node, Status status, long incarnation) {
    /** Checks that no value is null. */
    public Member {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(status, "status");
    }

    /** The status of a node. */
    public enum Status {
        /** It is a member of the present view. */
        ALIVE,
        /** It is a member, but this node has received nothing of it for some time. Other nodes may see it alive. */
        SUSPECT,
        /** It left the view without a notice. It may return, with the same incarnation. */
        DEAD,
        /** It left the view after a notice. */
        LEFT
    }
}
