package io.heliodor.membership;

/**
 * One node of the cluster, as this node sees it.
 *
 * @param node its name, {@code app@host}
 * @param status whether it is there
 * @param incarnation which life of that name: 63 random bits, drawn when it was started; compared for equality only
 */
public record Member(String node, Status status, long incarnation) {
    /** Whether a node is there. */
    public enum Status {
        /** It is a member of the present view. */
        ALIVE,
        /** It is a member, but this node has not heard of it for some time. Others may think otherwise. */
        SUSPECT,
        /** It is no member any more and did not say that it leaves. It may return, with the same incarnation. */
        DEAD,
        /** It said that it leaves, and did. */
        LEFT
    }
}
