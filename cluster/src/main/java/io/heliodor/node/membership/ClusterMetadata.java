package io.heliodor.node.membership;

import io.heliodor.link.Peer;
import io.heliodor.membership.Metadata;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.protocol.ReplicatedMaps;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The metadata of all nodes: a replicated map, and a copy that any thread may read. */
public final class ClusterMetadata implements Metadata {
    /** The number of its map on the wire. */
    public static final int MAP = 2;

    public static final int MAX_ENTRIES = 1_000;

    private static final int MAX_KEY = 255;
    private static final int MAX_VALUE = 4_096;

    private final Peer self;
    private final NodeLoop loop;
    private final ReplicatedMaps maps;

    /** Finds the member with a name. */
    private final Function<String, Optional<Peer>> members;

    /** Entries of other nodes are written on the loop, those of this node under the lock of this. */
    private final ConcurrentHashMap<Peer, Map<String, String>> entries = new ConcurrentHashMap<>();

    public ClusterMetadata(Peer self, NodeLoop loop, ReplicatedMaps maps, Function<String, Optional<Peer>> members) {
        this.members = members;
        this.self = self;
        this.loop = loop;
        this.maps = maps;
    }

    @Override
    public synchronized void put(String key, String value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        check("key", key, 1, MAX_KEY);
        if (key.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("The key of metadata has no control characters, but this one has.");
        }
        check("value", value, 0, MAX_VALUE);
        Map<String, String> own = entries.getOrDefault(self, Map.of());
        if (own.size() >= MAX_ENTRIES && !own.containsKey(key)) {
            throw new IllegalStateException(
                    "A node has at most " + MAX_ENTRIES + " entries of metadata. Remove one first.");
        }
        set(self, key, Optional.of(value));
        loop.execute(() -> maps.change(MAP, key, Optional.of(value)));
    }

    private static void check(String what, String text, int min, int max) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < min || bytes > max) {
            throw new IllegalArgumentException("The " + what + " of metadata has " + min + " to " + max
                    + " bytes of UTF-8, but this one has " + bytes + ".");
        }
    }

    @Override
    public synchronized void remove(String key) {
        Objects.requireNonNull(key, "key");
        set(self, key, Optional.empty());
        loop.execute(() -> maps.change(MAP, key, Optional.empty()));
    }

    @Override
    public Optional<String> get(String key) {
        Objects.requireNonNull(key, "key");
        return Optional.ofNullable(entries.getOrDefault(self, Map.of()).get(key));
    }

    @Override
    public Map<String, String> entries(String node) {
        Objects.requireNonNull(node, "node");
        return members.apply(node)
                .map(peer -> entries.getOrDefault(peer, Map.of()))
                .orElse(Map.of());
    }

    /** Takes a change of the metadata of another node. On the loop. */
    public void received(Peer peer, String key, Optional<String> value) {
        if (!peer.equals(self)) {
            set(peer, key, value);
        }
    }

    private void set(Peer node, String key, Optional<String> value) {
        entries.compute(node, (name, present) -> {
            Map<String, String> next = new TreeMap<>(present == null ? Map.of() : present);
            value.ifPresentOrElse(text -> next.put(key, text), () -> next.remove(key));
            return next.isEmpty() ? null : Map.copyOf(next);
        });
    }
}
