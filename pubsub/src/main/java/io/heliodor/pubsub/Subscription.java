package io.heliodor.pubsub;

import java.util.concurrent.CompletableFuture;

/**
 * A listener's registration: for a topic of a {@link PubSub}, the presences of a topic, the members of a cluster, or what an
 * endpoint does. It lives until it or the object that it was made by is closed, whether or not this object is kept.
 *
 * <p>All methods may be called from any thread, also from within the listener, and do not block.
 */
public interface Subscription extends AutoCloseable {
    /**
     * Completes when every node of the cluster has this subscription to a topic: what any node publishes after that is
     * delivered here, what another node publishes before may be missed. A node that starts later knows of it when its
     * {@code start()} returned. It is complete at once on a PubSub of one JVM, and for subscriptions to anything else than
     * a topic. It does not fail; closing the subscription completes it too, so that no caller waits forever.
     *
     * @return a future of the caller's own; completing or cancelling it changes nothing here
     */
    default CompletableFuture<Void> ready() {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * How many messages were dropped because the queue of this subscription was full. Messages that {@link #close()} discards do
     * not count, nor do events that were coalesced.
     *
     * @return 0 or more, never falling; always 0 for a subscription without a queue
     */
    default long dropped() {
        return 0;
    }

    /**
     * Ends the subscription and discards what waits. It does not wait for the listener.
     *
     * <p>Once it returned, no new call is begun, also when the listener itself closed it within a call. A call that was
     * begun may finish: with a queue that is at most one, for the message that had already left it; without one at most one
     * for each thread that is publishing. Closing again does nothing.
     */
    @Override
    void close();
}
