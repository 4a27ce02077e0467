package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.membership.Metadata;
import io.heliodor.protocol.ReplicatedMaps;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The metadata of all nodes: an owned set, and a copy of all of them that can be read at once. */
final class ClusterMetadata implements Metadata {
    private static final int MAX_KEY = 255;
    private static final int MAX_VALUE = 4_096;

    private final Peer self;
    private final NodeLoop loop;
    private final ReplicatedMaps maps;

    /** Which peer a name means now. */
    private final Function<String, Optional<Peer>> members;

    /** Those of other nodes are written on the loop; this node's own under the lock of this. */
    private final ConcurrentHashMap<Peer, Map<String, String>> entries = new ConcurrentHashMap<>();

    ClusterMetadata(Peer self, NodeLoop loop, ReplicatedMaps maps, Function<String, Optional<Peer>> members) {
        this.members = members;
        this.self = self;
        this.loop = loop;
        this.maps = maps;
    }

    @Override
    public synchronized void put(String key, String value) {
        check("key", key, 1, MAX_KEY);
        if (key.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("The key of metadata has no control characters, but this one has.");
        }
        check("value", value, 0, MAX_VALUE);
        Map<String, String> own = entries.getOrDefault(self, Map.of());
        if (own.size() >= Kinds.MAX_METADATA && !own.containsKey(key)) {
            throw new IllegalStateException(
                    "A node has at most " + Kinds.MAX_METADATA + " entries of metadata. Remove one first.");
        }
        set(self, key, Optional.of(value));
        loop.execute(() -> maps.change(Kinds.METADATA, key, Optional.of(value)));
    }

    private static void check(String what, String text, int least, int most) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < least || bytes > most) {
            throw new IllegalArgumentException("The " + what + " of metadata has " + least + " to " + most
                    + " bytes of UTF-8, but this one has " + bytes + ".");
        }
    }

    @Override
    public synchronized void remove(String key) {
        set(self, key, Optional.empty());
        loop.execute(() -> maps.change(Kinds.METADATA, key, Optional.empty()));
    }

    @Override
    public Optional<String> get(String key) {
        return Optional.ofNullable(entries.getOrDefault(self, Map.of()).get(key));
    }

    @Override
    public Map<String, String> entries(String node) {
        return members.apply(node)
                .map(peer -> entries.getOrDefault(peer, Map.of()))
                .orElse(Map.of());
    }

    /** What another node says of itself. On the loop. */
    void received(Peer peer, String key, Optional<String> value) {
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
