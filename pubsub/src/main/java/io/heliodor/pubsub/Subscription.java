package io.heliodor.pubsub;

import java.util.concurrent.CompletableFuture;

/**
 * The registration of a listener: for a topic of a {@link PubSub}, the presences of a topic, the members of a cluster, or the events of
 * an endpoint. It stays open until it or the object that made it is closed, whether or not this object is referenced.
 *
 * <p>All methods may be called from any thread, also from within the listener, and do not block.
 */
public interface Subscription extends AutoCloseable {
    /**
     * Completes when every node of the cluster has registered this subscription to a topic. Messages that any node publishes after that
     * are delivered here; earlier messages of other nodes may be missed. A node that starts later has registered it when its
     * {@code start()} returns. The future is complete at once on a PubSub of one JVM, and for subscriptions to anything other than a
     * topic. It does not fail; closing the subscription completes it, so that no caller waits forever.
     *
     * @return a copy for the caller, who may complete or cancel it without effect here
     */
    default CompletableFuture<Void> ready() {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * The number of messages that were dropped because the queue of this subscription was full. Messages discarded by
     * {@link #close()} do not count, nor do coalesced events.
     *
     * @return 0 or more, never falling; always 0 for a subscription without a queue
     */
    default long dropped() {
        return 0;
    }

    /**
     * Ends the subscription and discards the waiting messages. It does not wait for the listener.
     *
     * <p>After its return no call of the listener begins, also if the listener itself closed it. Running calls may finish: at most one
     * with a queue, and at most one for each publishing thread without. Closing again does nothing.
     */
    @Override
    void close();
}
