package io.heliodor.node;

import io.heliodor.protocol.ReplicatedMaps;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The topics that this node wants messages of, as its owned set of them. A topic stays there for a moment after its last
 * subscription: one that is soon wanted again costs no change and no wait. On the node's loop.
 */
final class LocalInterest {
    /** How long a topic without subscriptions stays in the set. */
    static final Duration LINGER = Duration.ofSeconds(5);

    private final ReplicatedMaps maps;
    private final int maxTopics;

    /** Topics that have no place in the set, because it is full or their names are too long. */
    private final Set<String> unlisted = new HashSet<>();

    /** Topics in the set that have no subscription any more, by the end of their time; the next to go comes first. */
    private final Map<String, Long> lingering = new LinkedHashMap<>();

    /** How many topics are in the set. */
    private int listed;

    LocalInterest(ReplicatedMaps maps, int maxTopics) {
        this.maps = maps;
        this.maxTopics = maxTopics;
    }

    /** Returns the version of the set that has the topic. */
    long add(String key) {
        if (lingering.remove(key) != null) {
            return maps.version(Kinds.INTEREST);
        }
        // The names of many scopes may be longer together than a key: then this node gets the messages of all topics.
        if (key.getBytes(StandardCharsets.UTF_8).length > ReplicatedMaps.MAX_KEY_BYTES || !hasRoom()) {
            unlisted.add(key);
            return change(RemoteInterest.EVERYTHING, Optional.of(""));
        }
        listed++;
        return change(key, Optional.of(""));
    }

    private boolean hasRoom() {
        if (listed == maxTopics && !lingering.isEmpty()) {
            removeFirst();
        }
        return listed < maxTopics;
    }

    void remove(String key, long now) {
        if (!unlisted.remove(key)) {
            lingering.put(key, now + LINGER.toNanos());
        } else if (unlisted.isEmpty()) {
            change(RemoteInterest.EVERYTHING, Optional.empty());
        }
    }

    void tick(long now) {
        while (!lingering.isEmpty() && now - lingering.values().iterator().next() >= 0) {
            removeFirst();
        }
    }

    private void removeFirst() {
        Iterator<String> first = lingering.keySet().iterator();
        change(first.next(), Optional.empty());
        first.remove();
        listed--;
    }

    private long change(String key, Optional<String> value) {
        if (maps.change(Kinds.INTEREST, key, value) instanceof ReplicatedMaps.Change.Made(long version)) {
            return version;
        }
        throw new IllegalStateException("The set of wanted topics does not take \"" + key + "\".");
    }
}
