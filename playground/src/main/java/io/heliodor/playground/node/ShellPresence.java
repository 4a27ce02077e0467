package io.heliodor.playground.node;

import io.heliodor.node.Node;
import io.heliodor.playground.node.Result.Done;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The keys that a shell tracks, and those of all shells of the cluster. */
final class ShellPresence {
    private final Node node;
    private final Presence<ShellMeta> presence;
    private final Map<TrackedKey, Owner> tracked = new ConcurrentHashMap<>();

    ShellPresence(Node node) {
        this.node = node;
        this.presence =
                Presence.builder(node.pubsub(), ShellMeta.class).name("shell").build();
    }

    /** The metadata of a key that a shell tracks. */
    record ShellMeta(String node) {}

    private record TrackedKey(String topic, String key) {}

    Result<Done> track(String topic, String key) {
        Owner owner = Owner.of(topic);
        if (tracked.putIfAbsent(new TrackedKey(topic, key), owner) != null) {
            return Result.done();
        }
        try {
            presence.track(owner, key, new ShellMeta(node.name()));
            return Result.done();
        } catch (IllegalArgumentException e) {
            tracked.remove(new TrackedKey(topic, key));
            return Result.failed(ErrorCode.BAD_NAME, String.valueOf(e.getMessage()));
        }
    }

    Result<Done> untrack(String topic, String key) {
        Owner owner = tracked.remove(new TrackedKey(topic, key));
        if (owner != null) {
            owner.close();
        }
        return Result.done();
    }

    List<String> present(String topic) {
        return presence.list(topic).keySet().stream().sorted().toList();
    }
}
