package io.heliodor.node;

import io.heliodor.membership.ClusterException;
import io.heliodor.membership.ClusterException.Code;
import java.util.Objects;

/** The outcome of {@link Node#connect}. */
public sealed interface ConnectOutcome {
    /** The node at that address is a member of this node's view. */
    record Connected() implements ConnectOutcome {}

    /**
     * The node at that address refused the cookie or the name of the cluster.
     *
     * @param why in words
     */
    record Refused(String why) implements ConnectOutcome {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * No node answered at that address.
     *
     * @param why in words
     */
    record Unreachable(String why) implements ConnectOutcome {
        /** Checks that no value is null. */
        public Unreachable {
            Objects.requireNonNull(why, "why");
        }
    }

    /** It answered, but was no member of this node's view within 10 seconds. */
    record TimedOut() implements ConnectOutcome {}

    /** A living node there, or a member of its cluster, has this node's name. */
    record NameTaken() implements ConnectOutcome {}

    /**
     * For callers that treat every other outcome as a failure.
     *
     * @throws ClusterException for any outcome but {@link Connected}
     */
    default void orThrow() {
        String not = "The node did not connect: ";
        switch (this) {
            case Connected() -> {}
            case Refused(String why) ->
                throw new ClusterException(
                        Code.REFUSED,
                        not + why + ". Give both nodes the same cookie and the same name of the cluster.");
            case Unreachable(String why) ->
                throw new ClusterException(
                        Code.UNREACHABLE, not + why + ". Start the other node, or correct the address.");
            case TimedOut() ->
                throw new ClusterException(
                        Code.TIMED_OUT,
                        not + "the other node answered, but was not in the view of this one within 10 s. Try again.");
            case NameTaken() ->
                throw new ClusterException(
                        Code.NAME_TAKEN, not + "a living node there has its name. Start it under another name.");
        }
    }
}
