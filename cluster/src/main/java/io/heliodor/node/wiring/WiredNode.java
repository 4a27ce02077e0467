package io.heliodor.node.wiring;

import io.heliodor.link.Peer;
import io.heliodor.node.Node;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A node that was started by a {@link Wiring}, with what a test kit needs in addition. */
public interface WiredNode extends Node {
    /**
     * Whether its link and its loop have nothing to do until an event comes or time passes.
     *
     * @param stuck whether senders to a peer wait for capacity
     * @return false while a task is queued or runs
     */
    boolean isQuiescent(Predicate<Peer> stuck);

    /**
     * Ends the node like a process that is killed: it sends no notice, and waits for nothing. Its duties and processes are
     * interrupted if they do not end.
     *
     * @return completes when they have ended
     */
    CompletableFuture<Void> kill();
}
