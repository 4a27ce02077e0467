package io.heliodor.pubsub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is subscribed to which topic.
 *
 * <p>Each topic has an immutable array of its subscriptions, replaced by whoever subscribes or closes; a topic without
 * any is not in the table. A reader looks up once and walks an array, without a lock. The first subscription's type is
 * the topic's.
 */
final class TopicTable {
    private static final LocalSubscription<?>[] NOBODY = {};

    private final ConcurrentHashMap<String, LocalSubscription<?>[]> topics = new ConcurrentHashMap<>();
    private final Wants wants;

    /** Hears of a topic's first subscription and of its last one's end, under the lock of that topic. */
    interface Wants {
        Wants NONE = new Wants() {
            @Override
            public void first(LocalSubscription<?> subscription) {}

            @Override
            public void further(LocalSubscription<?> subscription) {}

            @Override
            public void last(String topic) {}
        };

        void first(LocalSubscription<?> subscription);

        void further(LocalSubscription<?> subscription);

        void last(String topic);
    }

    TopicTable(Wants wants) {
        this.wants = wants;
    }

    /** The array is shared: read it, never write it. */
    @SuppressWarnings("unchecked") // checkType: all of them have the topic's type
    <T> LocalSubscription<T>[] subscriptions(Topic<T> topic) {
        LocalSubscription<?>[] subscriptions = subscriptions(topic.name());
        checkType(subscriptions, topic);
        return (LocalSubscription<T>[]) subscriptions;
    }

    LocalSubscription<?>[] subscriptions(String topic) {
        return topics.getOrDefault(topic, NOBODY);
    }

    /** Removes every subscription that was there when the call began, and perhaps some that came since. */
    List<LocalSubscription<?>> clear() {
        List<LocalSubscription<?>> cleared = new ArrayList<>();
        for (String topic : topics.keySet()) {
            topics.computeIfPresent(topic, (name, present) -> {
                cleared.addAll(Arrays.asList(present));
                wants.last(name);
                return null;
            });
        }
        return cleared;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    /**
     * Adds it behind all others if it is inline, else before them: a message lies in every mailbox before the first
     * inline subscriber can publish another one.
     */
    void add(LocalSubscription<?> added) {
        topics.compute(added.topic().name(), (name, present) -> {
            if (present == null) {
                wants.first(added);
                return new LocalSubscription<?>[] {added};
            }
            checkType(present, added.topic());
            wants.further(added);
            var more = new LocalSubscription<?>[present.length + 1];
            boolean last = added instanceof InlineSubscription;
            System.arraycopy(present, 0, more, last ? 0 : 1, present.length);
            more[last ? present.length : 0] = added;
            return more;
        });
    }

    /** Does nothing when it is not there. */
    void remove(LocalSubscription<?> removed) {
        topics.computeIfPresent(removed.topic().name(), (name, present) -> {
            int at = Arrays.asList(present).indexOf(removed);
            if (at < 0) {
                return present;
            }
            if (present.length == 1) {
                wants.last(name);
                return null;
            }
            LocalSubscription<?>[] fewer = Arrays.copyOf(present, present.length - 1);
            System.arraycopy(present, at + 1, fewer, at, fewer.length - at);
            return fewer;
        });
    }

    private static void checkType(LocalSubscription<?>[] subscriptions, Topic<?> topic) {
        if (subscriptions.length == 0) {
            return;
        }
        Type<?> type = subscriptions[0].topic().type();
        if (!type.equals(topic.type())) {
            throw new IllegalArgumentException(
                    ("Topic \"%s\" has subscriptions of type %s, so nothing of type %s can be subscribed or published"
                                    + " on it. Use one Topic constant on both sides, or another name.")
                            .formatted(topic.name(), type, topic.type()));
        }
    }
}
