package io.heliodor.pubsub;

/**
 * Receives what is published on a topic.
 *
 * @param <T> the type of the messages
 */
@FunctionalInterface
public interface Subscriber<T> {
    /**
     * Called with each message, in the order in which a publisher published them.
     *
     * <p><b>Threads:</b> subscribed with {@link PubSub#subscribe subscribe}, a virtual thread, for one message at a time;
     * with {@link PubSub#subscribeInline subscribeInline}, the publisher's thread, for several publishers at the same
     * time. A subscriber that is used for several subscriptions is called by each of them independently.
     *
     * <p><b>Blocking:</b> allowed with {@code subscribe}, forbidden with {@code subscribeInline}.
     *
     * @param message what was published
     * @throws Exception whatever goes wrong: it is logged, and the subscription lives on
     */
    void receive(T message) throws Exception;
}
