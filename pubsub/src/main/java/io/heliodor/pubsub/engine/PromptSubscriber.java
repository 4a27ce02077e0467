package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Subscriber;

/**
 * A subscriber of Heliodor that can receive most messages without code of users and without a wait. Messages of another node come to
 * it on the thread that reads them. It is recognized by {@code PubSub.subscribeInline}.
 *
 * @param <T> the type of the messages
 */
public interface PromptSubscriber<T> extends Subscriber<T> {
    /**
     * Whether it would most likely receive a message now. Any thread; does not block.
     *
     * @return false to receive the next message on a thread that may block
     */
    boolean isPrompt();

    /**
     * Receives a message, or does nothing with it. Neither blocks nor calls code of users. Any thread.
     *
     * @param message the message
     * @return false to receive it on a thread that may block
     */
    boolean receiveNow(T message);
}
