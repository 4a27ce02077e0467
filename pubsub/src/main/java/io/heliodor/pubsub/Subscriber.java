package io.heliodor.pubsub;

/**
 * Receives what is published on a topic.
 *
 * @param <T> the type of the messages
 */
@FunctionalInterface
public interface Subscriber<T> {
    /**
     * Called with each message.
     *
     * @param message what was published
     * @throws Exception whatever goes wrong: it is logged, the subscription lives on
     */
    void receive(T message) throws Exception;
}
