package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Topic;

/** A subscription whose subscriber runs on the publisher's thread. */
final class InlineSubscription<T> extends LocalSubscription<T> {
    private volatile boolean stopped;

    InlineSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber) {
        super(table, topic, subscriber);
    }

    @Override
    void deliver(T message) {
        if (!stopped) {
            call(message);
        }
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
