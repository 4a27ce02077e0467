package io.heliodor.node.wiring;

import io.heliodor.link.Peer;
import io.heliodor.node.Node;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A node, as it is seen by who wired it. */
public interface WiredNode extends Node {
    /**
     * Whether its link and its states have done all that they can do now.
     *
     * @param stuck says of a peer whether who sends to it waits for room
     * @return false while something waits for its turn
     */
    boolean isQuiescent(Predicate<Peer> stuck);

    /**
     * Ends it as a process that is killed: nobody is told, and nothing is waited for. Its duties and processes are asked to
     * end, and interrupted when they do not.
     *
     * @return complete when they have
     */
    CompletableFuture<Void> kill();
}
