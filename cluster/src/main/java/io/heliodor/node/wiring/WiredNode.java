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
     * Whether all published messages that have come were delivered to the subscribers. One that blocks delays them.
     *
     * @return false while a message waits or is delivered
     */
    boolean hasDelivered();

    /**
     * The bytes that are queued for a member or in flight to it. Unlike {@link Node#link} this sends no ping.
     *
     * @param member the member
     * @return 0 or more; 0 without a session
     */
    long queuedBytes(Peer member);

    /**
     * How often an idle part of the node has become busy. Parts that were found idle one after the other are idle all, if
     * this has not changed meanwhile.
     *
     * @return a count that never decreases
     */
    long wakes();

    /**
     * Ends the node like a process that is killed: it sends no notice, and waits for nothing. Its duties and processes are
     * interrupted if they do not end.
     *
     * @return completes when they have ended
     */
    CompletableFuture<Void> kill();
}
