package io.heliodor.dashboard;

import java.util.Optional;

/**
 * The answer of a node to a query, or why there is none.
 *
 * @param node the name of the node
 * @param state whether it answered
 * @param content its answer
 * @param <A> the type of the answer
 */
record NodeAnswer<A>(String node, State state, Optional<A> content) {
    /** Whether a node answered. */
    enum State {
        OK,
        /** The node has no dashboard, or one of an older release. */
        NO_DASHBOARD,
        /** The node did not answer in time, or not in this format. */
        NO_ANSWER
    }

    static <A> NodeAnswer<A> of(String node, A content) {
        return new NodeAnswer<>(node, State.OK, Optional.of(content));
    }

    static <A> NodeAnswer<A> without(String node, State why) {
        return new NodeAnswer<>(node, why, Optional.empty());
    }
}
