package io.heliodor.pubsub.engine;

import io.heliodor.log.BoundedLog;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.text.ControlCharacters;
import java.util.concurrent.CompletableFuture;

/**
 * A subscription within this JVM. Subclasses define how a message is delivered to the subscriber.
 *
 * @param <T> the type of the messages
 */
abstract class LocalSubscription<T> implements Subscription {
    /** The {@link #index} of a subscription that is not in the table. */
    static final int NO_INDEX = -1;

    private final TopicTable table;
    private final Topic<T> topic;
    private final Subscriber<? super T> subscriber;

    /** Its index among the {@link Subscribers} of its topic. Guarded by the lock of the topic. */
    int index = NO_INDEX;

    /** Completed unless the topic is advertised to other nodes. Set before this is published to other threads. */
    private CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    LocalSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber) {
        this.table = table;
        this.topic = topic;
        this.subscriber = subscriber;
    }

    /** Delivers a message. Called by publishers; does not throw. */
    abstract void deliver(T message);

    /** Whether {@link #deliverNow} would most likely deliver a message. */
    abstract boolean isPrompt();

    /** Delivers a message without a wait and without code of users, or returns false. */
    abstract boolean deliverNow(T message);

    /** Prevents further calls of the subscriber from its return on. May be called again. */
    abstract void stop();

    /** Calls the subscriber. An error is caught like an exception: it must not reach the publisher, nor end the mailbox thread. */
    final void call(T message) {
        try {
            subscriber.receive(message);
        } catch (Throwable thrown) {
            table.failures.error(
                    "A subscriber of topic \"" + ControlCharacters.escaped(topic.name()) + "\"",
                    thrown,
                    () -> "failed. Its subscription lives on.");
        }
    }

    /** The log about subscribers that do not keep up. */
    final BoundedLog slow() {
        return table.slow;
    }

    final Topic<T> topic() {
        return topic;
    }

    @Override
    public final CompletableFuture<Void> ready() {
        return ready.copy();
    }

    final void readyWith(CompletableFuture<Void> advertised) {
        // A copy: the close of this subscription completes it, and must not complete those of others.
        ready = advertised.copy();
    }

    /** Stops first: a publisher may still iterate over subscribers from before the removal. */
    @Override
    public final void close() {
        stop();
        table.remove(this);
        ready.complete(null);
    }

    @Override
    public final String toString() {
        return "Subscription[" + topic.name() + "]";
    }
}
