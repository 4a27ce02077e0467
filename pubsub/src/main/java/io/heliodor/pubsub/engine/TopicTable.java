package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The subscriptions of each topic.
 *
 * <p>A topic without any is not in the table. A reader looks up once and walks the {@link Subscribers}, without a lock; they
 * are changed within the map's atomic update. All subscriptions of a topic have the same type.
 */
final class TopicTable {
    private final ConcurrentHashMap<String, Subscribers> topics = new ConcurrentHashMap<>();
    private final InterestListener wants;

    /** Hears of a topic's first subscription and of its last one's end, under the lock of that topic. */
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

    TopicTable(InterestListener wants) {
        this.wants = wants;
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
        return topics.getOrDefault(topic, Subscribers.NOBODY);
    }

    /** Removes every subscription that was there when the call began, and perhaps some that came since. */
    List<LocalSubscription<?>> clear() {
        List<LocalSubscription<?>> cleared = new ArrayList<>();
        for (String topic : topics.keySet()) {
            topics.computeIfPresent(topic, (name, present) -> {
                cleared.addAll(present.all());
                wants.last(name);
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
                wants.first(added);
                return Subscribers.NOBODY.with(added);
            }
            checkType(present, added.topic());
            wants.another(added);
            return present.with(added);
        });
    }

    /** Does nothing when it is not there. */
    void remove(LocalSubscription<?> removed) {
        topics.computeIfPresent(removed.topic().name(), (name, present) -> {
            Subscribers left = present.without(removed);
            if (left.count() > 0) {
                return left;
            }
            wants.last(name);
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
