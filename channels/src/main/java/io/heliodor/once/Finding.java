package io.heliodor.once;

import java.util.Set;

/** The state of a key at a node, or at several nodes. */
public sealed interface Finding {
    /** Nothing. */
    record Nothing() implements Finding {}

    /**
     * A claim of the key that was recorded now, on this node.
     *
     * @param number the number of the claim
     */
    record Claimed(long number) implements Finding {}

    /**
     * The call is executed, or about to be.
     *
     * @param owner executes it
     */
    record Running(KeyOwner owner) implements Finding {}

    /**
     * The call was answered.
     *
     * @param answer the answer
     */
    record Answered(KeptAnswer answer) implements Finding {}

    /** The node that executed the call has left, and its answer is not known. */
    record Unknown() implements Finding {}

    /**
     * Nothing, but others have claimed the key lately, so that they may execute the call.
     *
     * @param claimants the names of their nodes
     */
    record Promised(Set<String> claimants) implements Finding {}

    /** A node that may have the key does not respond. */
    record Unsure() implements Finding {}

    /** The key belongs to another call. */
    record Reused() implements Finding {}

    /** A limit of keys or bytes is reached. */
    record Full() implements Finding {}
}
