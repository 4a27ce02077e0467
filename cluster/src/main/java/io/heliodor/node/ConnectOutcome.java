package io.heliodor.node;

/** What became of {@link Node#connect}. */
public sealed interface ConnectOutcome {
    /** The node at that address is a member of this node's view. */
    record Connected() implements ConnectOutcome {}

    /**
     * The node at that address refused the cookie or the name of the cluster.
     *
     * @param why in words
     */
    record Refused(String why) implements ConnectOutcome {}

    /**
     * Nobody answered there.
     *
     * @param why in words
     */
    record Unreachable(String why) implements ConnectOutcome {}

    /** It answered, but was no member of this node's view within 10 seconds. */
    record TimedOut() implements ConnectOutcome {}

    /** A living node there, or a member of its cluster, has this node's name. */
    record NameTaken() implements ConnectOutcome {}
}
