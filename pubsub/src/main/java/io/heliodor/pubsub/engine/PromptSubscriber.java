package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscriber;

/**
 * A subscriber of Heliodor that runs no code of users. Messages of another node come to it on the thread that reads them.
 *
 * @param <T> the type of the messages
 */
public interface PromptSubscriber<T> extends Subscriber<T> {
    /**
     * Whether it would receive a message now without waiting and without a call of users' code. Any thread; does not block. It counts
     * for subscriptions made by {@link PubSub#subscribeInline}.
     *
     * @return false to receive the next message on a thread that may block
     */
    boolean isPrompt();
}
