package io.heliodor.pubsub.engine;

import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions by topic.
 *
 * <p>It has no topics without subscriptions. Readers look up the {@link Subscribers} and iterate without a lock; changes are made
 * within the map's atomic update. All subscriptions of a topic have the same type.
 */
final class TopicTable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.pubsub.PubSub");

    private final ConcurrentHashMap<String, Subscribers> topics = new ConcurrentHashMap<>();
    private final InterestListener listener;

    /** About subscribers that throw. */
    final FailureLog failures;

    /** About subscribers that do not keep up. */
    final BoundedLog slow;

    /** Receives each new subscription, and the end of the last one of a topic. Called under the lock of the topic. */
    interface InterestListener {
        InterestListener NONE = new InterestListener() {
            @Override
            public void first(LocalSubscription<?> subscription) {}

            @Override
            public void another(LocalSubscription<?> subscription) {}

            @Override
            public void last(String topic) {}
        };

        void first(LocalSubscription<?> subscription);

        void another(LocalSubscription<?> subscription);

        void last(String topic);
    }

    TopicTable(InterestListener listener, LongSupplier clock) {
        this.listener = listener;
        this.failures = new FailureLog(LOG, clock);
        this.slow = new BoundedLog(LOG, "subscribers that are too slow", clock);
    }

    /**
     * The subscriptions of a topic.
     *
     * @throws IllegalArgumentException if they have another type
     */
    Subscribers subscribers(Topic<?> topic) {
        Subscribers subscribers = subscribers(topic.name());
        checkType(subscribers, topic);
        return subscribers;
    }

    Subscribers subscribers(String topic) {
        return topics.getOrDefault(topic, Subscribers.NONE);
    }

    /** Removes all subscriptions. Those that are added during the call may be left. */
    List<LocalSubscription<?>> clear() {
        List<LocalSubscription<?>> cleared = new ArrayList<>();
        for (String topic : topics.keySet()) {
            topics.computeIfPresent(topic, (name, present) -> {
                cleared.addAll(present.all());
                listener.last(name);
                return null;
            });
        }
        return cleared;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    void add(LocalSubscription<?> added) {
        topics.compute(added.topic().name(), (name, present) -> {
            if (present == null) {
                listener.first(added);
                return Subscribers.NONE.with(added);
            }
            checkType(present, added.topic());
            listener.another(added);
            return present.with(added);
        });
    }

    /** Does nothing if the subscription is missing. */
    void remove(LocalSubscription<?> removed) {
        topics.computeIfPresent(removed.topic().name(), (name, present) -> {
            Subscribers left = present.without(removed);
            if (left.count() > 0) {
                return left;
            }
            listener.last(name);
            return null;
        });
    }

    private static void checkType(Subscribers subscribers, Topic<?> topic) {
        Topic<?> present = subscribers.topic();
        if (present != null && !present.type().equals(topic.type())) {
            throw new IllegalArgumentException(
                    ("Topic \"%s\" has subscriptions of type %s, so nothing of type %s can be subscribed or published"
                                    + " on it. Use one Topic constant on both sides, or another name.")
                            .formatted(topic.name(), present.type(), topic.type()));
        }
    }
}
