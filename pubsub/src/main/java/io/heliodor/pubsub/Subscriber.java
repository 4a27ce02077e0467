package io.heliodor.pubsub;

/**
 * Receives the messages of a topic.
 *
 * @param <T> the type of the messages
 */
@FunctionalInterface
public interface Subscriber<T> {
    /**
     * Receives a message. Those of one publisher come in the order of publication.
     *
     * <p><b>Threads:</b> with {@link PubSub#subscribe subscribe}, a virtual thread, one message at a time. With
     * {@link PubSub#subscribeInline subscribeInline}, the publisher's thread, for several publishers at the same time. A
     * subscriber of several subscriptions is called by each of them independently.
     *
     * <p><b>Blocking:</b> allowed with {@code subscribe}, forbidden with {@code subscribeInline}.
     *
     * @param message the message
     * @throws Exception on any failure; it is logged, and the subscription stays open
     */
    void receive(T message) throws Exception;
}
