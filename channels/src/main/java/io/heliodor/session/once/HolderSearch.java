package io.heliodor.session.once;

import io.heliodor.once.Finding;
import io.heliodor.session.once.MergedFindings.Response;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The search for another node that keeps a call: nodes are asked one after the other until one keeps it. Pure. Not thread-safe.
 *
 * @param <N> a node
 */
final class HolderSearch<N> {
    /** How a search ended. */
    sealed interface Outcome<N> {
        /** A node keeps the call. */
        record Kept<N>(N node) implements Outcome<N> {}

        /** A node has a call with this key that another one executes, or has executed. */
        record Taken<N>(N node) implements Outcome<N> {}

        /** There is no other node, or none that has room or an endpoint. */
        record Alone<N>() implements Outcome<N> {}

        /** A node did not respond, and none keeps the call. */
        record Silent<N>() implements Outcome<N> {}
    }

    private final Queue<N> order;
    private int silencesLeft;
    private Outcome<N> outcome;

    /**
     * A search.
     *
     * @param order the other nodes, in the order in which they are asked
     * @param silences the number of nodes without a response that end it
     * @param someLeft whether a node that was asked for the key is not among them any more: it is silent, too
     */
    HolderSearch(Collection<N> order, int silences, boolean someLeft) {
        this.order = new ArrayDeque<>(order);
        this.silencesLeft = silences;
        this.outcome = someLeft ? new Outcome.Silent<>() : new Outcome.Alone<>();
    }

    /** The node that is to be asked now; null at the end. */
    @Nullable
    N next() {
        return order.peek();
    }

    /** The response of the next node. */
    void response(Response response) {
        N node = order.remove();
        Optional<Outcome<N>> end = switch (response) {
            case Response.Found(var _, Finding.Nothing _) -> Optional.of(new Outcome.Kept<>(node));
            case Response.Found(var _, Finding.Full _), Response.Absent _ -> Optional.empty();
            case Response.Found _ -> Optional.of(new Outcome.Taken<>(node));
            case Response.Silent _ -> {
                outcome = new Outcome.Silent<>();
                yield --silencesLeft > 0 ? Optional.empty() : Optional.of(outcome);
            }
        };
        end.ifPresent(reached -> {
            outcome = reached;
            order.clear();
        });
    }

    /** How it ended, after the last node. */
    Outcome<N> outcome() {
        return outcome;
    }
}
