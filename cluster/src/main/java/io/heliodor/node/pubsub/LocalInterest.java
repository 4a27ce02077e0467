package io.heliodor.node.pubsub;

import io.heliodor.counter.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.protocol.ReplicatedMaps;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The topics with subscriptions on this node, as its replicated map. A topic stays in the map for some time after its last
 * subscription, so that a new one costs no change and no wait. On the node's loop.
 */
public final class LocalInterest {
    /** The number of its map on the wire. */
    public static final int MAP = 0;

    /** The topics that are listed by name. A node with more lists {@linkplain RemoteInterest#bucket buckets} of the others. */
    public static final int MAX_TOPICS = 100_000;

    /** How long a topic without subscriptions stays in the map. */
    public static final Duration LINGER = Duration.ofSeconds(5);

    private final ReplicatedMaps maps;
    private final int maxTopics;
    private final EnumCounters<NodeCounter> counters;

    /** Topics that are not in the map, because it is full or their names are too long. */
    private final Set<String> unlisted = new HashSet<>();

    /** The number of these topics in each bucket. */
    private final Map<String, Integer> buckets = new HashMap<>();

    /** Topics in the map without subscriptions, with the time of their removal; the next one first. */
    private final Map<String, Long> lingering = new LinkedHashMap<>();

    /** The number of topics in the map. */
    private int listed;

    public LocalInterest(ReplicatedMaps maps, int maxTopics, EnumCounters<NodeCounter> counters) {
        this.maps = maps;
        this.maxTopics = maxTopics;
        this.counters = counters;
    }

    /** Adds a topic. Returns the version of the map that contains it. */
    public long add(String key) {
        if (lingering.remove(key) != null) {
            return maps.version(MAP);
        }
        // The names of many scopes may be longer than a key.
        if (key.getBytes(StandardCharsets.UTF_8).length > ReplicatedMaps.MAX_KEY_BYTES || !hasRoom()) {
            unlisted.add(key);
            counters.increment(NodeCounter.TOPICS_UNLISTED);
            String bucket = RemoteInterest.bucket(key);
            return buckets.merge(bucket, 1, Integer::sum) == 1 ? change(bucket, Optional.of("")) : maps.version(MAP);
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

    public void remove(String key, long now) {
        if (!unlisted.remove(key)) {
            lingering.put(key, now + LINGER.toNanos());
            return;
        }
        String bucket = RemoteInterest.bucket(key);
        if (buckets.merge(bucket, -1, Integer::sum) == 0) {
            buckets.remove(bucket);
            change(bucket, Optional.empty());
        }
    }

    public void tick(long now) {
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
        if (maps.change(MAP, key, value) instanceof ReplicatedMaps.Change.Made(long version)) {
            return version;
        }
        throw new IllegalStateException("The set of wanted topics does not take \"" + key + "\".");
    }
}
