package io.heliodor.presence;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The followers of the topics of a shard. Any thread may use it; no method blocks, apart from brief contention on a topic. Event loops
 * remove followers, so it does not belong to the lock of the shard.
 *
 * @param <F> the kind of followers
 */
final class TopicFollowers<F extends Follower> {
    /** A topic without followers is not in it. */
    private final ConcurrentHashMap<String, Set<F>> byTopic = new ConcurrentHashMap<>();

    /**
     * Adds a follower to its topic, and to its owner.
     *
     * @return false if the owner has ended; the follower is not added then
     * @throws IllegalStateException if the owner refuses it; likewise
     */
    boolean add(F follower) {
        Set<F> _ = byTopic.compute(follower.topic(), (topic, followers) -> {
            Set<F> all = followers == null ? ConcurrentHashMap.newKeySet() : followers;
            all.add(follower);
            return all;
        });
        // After the table: the end of the owner from now on removes it from there.
        boolean added = false;
        try {
            added = follower.owner().add(follower);
        } finally {
            if (!added) {
                remove(follower);
            }
        }
        return added;
    }

    void remove(Follower follower) {
        Set<F> _ = byTopic.computeIfPresent(follower.topic(), (topic, followers) -> {
            boolean _ = followers.remove(follower);
            return followers.isEmpty() ? null : followers;
        });
    }

    /** Whether a topic has followers. */
    boolean has(String topic) {
        return byTopic.containsKey(topic);
    }

    /** The followers of a topic at this moment. */
    List<F> of(String topic) {
        return List.copyOf(byTopic.getOrDefault(topic, Set.of()));
    }

    /** The number of topics that have followers. */
    int topics() {
        return byTopic.size();
    }

    void clear() {
        byTopic.clear();
    }
}
