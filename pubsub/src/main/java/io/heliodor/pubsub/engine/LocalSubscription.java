package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription within this JVM. How a message gets to the subscriber, the subclasses say.
 *
 * @param <T> the type of the messages
 */
abstract sealed class LocalSubscription<T> implements Subscription permits InlineSubscription, MailboxSubscription {
    /** The {@link #place} of a subscription that is not in the table. */
    static final int NOWHERE = -1;

    static final Logger log = LoggerFactory.getLogger(PubSub.class);

    private final TopicTable table;
    private final Topic<T> topic;
    private final Subscriber<? super T> subscriber;

    /** Its place among the {@link Subscribers} of its topic. Guarded by the lock of the topic. */
    int place = NOWHERE;

    /** Completed unless other nodes must know of this one. Set before anybody else has it. */
    private CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

    LocalSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber) {
        this.table = table;
        this.topic = topic;
        this.subscriber = subscriber;
    }

    /** Called by publishers. Does not throw. */
    abstract void deliver(T message);

    /** From its return on, no call is begun. May be called again. */
    abstract void stop();

    /** An error ends here just as an exception does, for the sake of the publisher or of the messages that wait. */
    final void call(T message) {
        try {
            subscriber.receive(message);
        } catch (Throwable thrown) {
            log.error("A subscriber of topic \"{}\" failed. Its subscription lives on.", topic.name(), thrown);
        }
    }

    final Topic<T> topic() {
        return topic;
    }

    @Override
    public final CompletableFuture<Void> ready() {
        return ready.copy();
    }

    final void readyWith(CompletableFuture<Void> known) {
        // Of its own: closing this one must complete it, and no other one of the topic.
        ready = known.copy();
    }

    /** A publisher that walks a list from before the removal finds the subscription stopped. */
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
