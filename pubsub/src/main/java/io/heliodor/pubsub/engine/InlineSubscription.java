package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Topic;
import org.jspecify.annotations.Nullable;

/** A subscription whose subscriber runs on the publisher's thread. */
final class InlineSubscription<T> extends LocalSubscription<T> {
    private final @Nullable PromptSubscriber<? super T> prompt;
    private volatile boolean stopped;

    InlineSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber) {
        super(table, topic, subscriber);
        this.prompt = subscriber instanceof PromptSubscriber<? super T> same ? same : null;
    }

    @Override
    void deliver(T message) {
        if (!stopped) {
            call(message);
        }
    }

    @Override
    boolean isPrompt() {
        return prompt != null && prompt.isPrompt();
    }

    @Override
    boolean deliverNow(T message) {
        return prompt != null && (stopped || prompt.receiveNow(message));
    }

    @Override
    void stop() {
        stopped = true;
    }

    @Override
    public long dropped() {
        return 0;
    }
}
