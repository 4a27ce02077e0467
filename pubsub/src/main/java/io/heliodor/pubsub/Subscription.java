package io.heliodor.pubsub;

import java.util.concurrent.CompletableFuture;

/**
 * A live subscription, made by {@link PubSub#subscribe subscribe} or {@link PubSub#subscribeInline subscribeInline}. It
 * lives until it or its PubSub is closed, whether or not this object is kept.
 *
 * <p>All methods may be called from any thread, also from within the subscriber, and do not block.
 */
public interface Subscription extends AutoCloseable {
    /**
     * What is subscribed to.
     *
     * @return the topic that was given to {@code subscribe}
     */
    Topic<?> topic();

    /**
     * Completes when every node of the cluster knows of this subscription: what any node publishes after that is
     * delivered here, what another node publishes before may be missed. A node that starts later knows of it when its
     * {@code start()} returned. On a PubSub of one JVM it is complete at once.
     * It does not fail; closing the subscription completes it too, so that nobody waits for ever.
     *
     * @return a future of the caller's own; completing or cancelling it changes nothing here
     */
    CompletableFuture<Void> ready();

    /**
     * How many messages were dropped because the mailbox was full. What is discarded by {@link #close()} does not count.
     *
     * @return 0 or more, never falling; always 0 for an inline subscription
     */
    long dropped();

    /**
     * Ends the subscription and discards what waits. It does not wait for the subscriber.
     *
     * <p>Once it returned, no new call is begun, also when the subscriber itself closed it within a call. A call that
     * was begun may finish: with a mailbox that is at most one, for the message that had already left it; with an inline
     * subscription at most one for each thread that is publishing. Closing again does nothing.
     */
    @Override
    void close();
}
