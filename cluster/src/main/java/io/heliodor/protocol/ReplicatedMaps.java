package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.MapMessage.Ack;
import io.heliodor.protocol.MapMessage.Delta;
import io.heliodor.protocol.MapMessage.Digest;
import io.heliodor.protocol.MapMessage.Pull;
import io.heliodor.protocol.MapMessage.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Single-writer replicated maps: each node writes its own, and has a replica of those of all other members. A replica
 * follows its owner, and is removed when the owner leaves the view.
 */
public final class ReplicatedMaps {
    /** The maximum bytes of a key. */
    public static final int MAX_KEY_BYTES = MapMessage.MAX_KEY_BYTES;
    /** The maximum bytes of a value. */
    public static final int MAX_VALUE_BYTES = MapMessage.MAX_VALUE_BYTES;

    private static final long DIGEST_NANOS = 10_000_000_000L;

    /** The outcome of a change. */
    public sealed interface Change {
        /**
         * The change was made, or there was nothing to change.
         *
         * @param version the version of the map that contains it
         */
        record Made(long version) implements Change {}

        /**
         * The map has the maximum number of entries.
         *
         * @param maxEntries that number
         */
        record Full(int maxEntries) implements Change {}

        /**
         * The key or the value cannot be sent.
         *
         * @param problem the reason
         */
        record Refused(String problem) implements Change {}
    }

    private final Peer self;
    private final MapsEffects effects;
    private final int[] maxEntries;
    private final List<OwnedMap> own = new ArrayList<>();
    private final Map<Peer, List<MapReplica>> replicas = new LinkedHashMap<>();
    private List<Peer> others = List.of();
    private long digestAt;
    private boolean ticked;

    /**
     * Empty maps.
     *
     * @param self this node
     * @param effects the actions
     * @param maxEntries the maximum number of entries of each map, by its number; the same on all nodes
     */
    public ReplicatedMaps(Peer self, MapsEffects effects, int... maxEntries) {
        this.self = self;
        this.effects = effects;
        this.maxEntries = maxEntries.clone();
        for (int kind = 0; kind < maxEntries.length; kind++) {
            own.add(new OwnedMap(kind, maxEntries[kind], effects));
        }
    }

    /**
     * A view was installed.
     *
     * @param view the view
     */
    public void view(View view) {
        others = view.members().stream().filter(peer -> !peer.equals(self)).toList();
        own.forEach(map -> map.retain(others));
        replicas.entrySet().removeIf(entry -> {
            boolean gone = !others.contains(entry.getKey());
            if (gone) {
                entry.getValue().forEach(MapReplica::remove);
            }
            return gone;
        });
        for (Peer peer : others) {
            replicas.computeIfAbsent(peer, this::replicasOf);
        }
    }

    private List<MapReplica> replicasOf(Peer peer) {
        List<MapReplica> made = new ArrayList<>();
        for (int kind = 0; kind < maxEntries.length; kind++) {
            made.add(new MapReplica(kind, maxEntries[kind], peer, effects));
        }
        return made;
    }

    /**
     * A session to a peer was opened.
     *
     * @param peer the peer
     */
    public void opened(Peer peer) {
        if (others.contains(peer)) {
            own.forEach(map -> map.opened(peer));
            replicas.getOrDefault(peer, List.of()).forEach(MapReplica::resend);
        }
    }

    /**
     * A session to a peer was closed.
     *
     * @param peer the peer
     */
    public void closed(Peer peer) {
        own.forEach(map -> map.closed(peer));
    }

    /**
     * A suspicion of a peer begins or ends.
     *
     * @param peer the peer
     * @param suspect whether it begins
     */
    public void suspected(Peer peer, boolean suspect) {
        if (others.contains(peer)) {
            own.forEach(map -> map.suspected(peer, suspect));
        }
    }

    /**
     * Takes a message of a peer. Messages of non-members, and of maps that this node does not have, are dropped.
     *
     * @param from the peer
     * @param message the message
     */
    public void received(Peer from, MapMessage message) {
        int kind = message.kind();
        List<MapReplica> replica = replicas.get(from);
        if (kind >= maxEntries.length || replica == null) {
            return;
        }
        switch (message) {
            case Snapshot snapshot -> replica.get(kind).snapshot(snapshot);
            case Delta delta -> replica.get(kind).delta(delta);
            case Digest digest -> replica.get(kind).digest(digest);
            case Pull pull -> own.get(kind).pull(from, pull.version());
            case Ack known -> own.get(kind).acked(from, known);
        }
    }

    /**
     * Changes an entry of a map of this node.
     *
     * @param kind the map
     * @param key the key
     * @param value its value; empty to remove it
     * @return the outcome
     */
    public Change change(int kind, String key, Optional<String> value) {
        Optional<String> problem = Texts.problem("The key", key, MAX_KEY_BYTES)
                .or(() -> value.flatMap(text -> Texts.problem("The value", text, MAX_VALUE_BYTES)));
        return problem.isPresent()
                ? new Change.Refused(problem.get())
                : own.get(kind).change(key, value);
    }

    /**
     * Waits until all peers of the present view acknowledged a version of a map of this node, or left. It does not wait for
     * suspects. The outcome is reported by {@link MapsEffects#acked}.
     *
     * @param kind the map
     * @param version the version
     * @param ticket returned with the outcome
     * @param deadline when the wait ends at the latest
     */
    public void awaitAcks(int kind, long version, long ticket, long deadline) {
        own.get(kind).await(version, ticket, deadline, others);
    }

    /**
     * Time passed.
     *
     * @param now the time
     */
    public void tick(long now) {
        own.forEach(map -> map.tick(now));
        if (!ticked || now - digestAt >= 0) {
            own.forEach(OwnedMap::digest);
            digestAt = now + DIGEST_NANOS;
            ticked = true;
        }
    }

    /**
     * Whether a snapshot of each map of each other member has arrived.
     *
     * @return true also in a view of this node alone
     */
    public boolean complete() {
        return replicas.values().stream().flatMap(List::stream).allMatch(MapReplica::complete);
    }

    /**
     * Checks the whole state. Tests call it after each event.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        Invariant.check(
                replicas.size() == others.size() && others.containsAll(replicas.keySet()) && !others.contains(self),
                "each other member has a replica",
                replicas.keySet(),
                others);
        own.forEach(map -> map.checkInvariants(others));
        replicas.values().stream().flatMap(List::stream).forEach(MapReplica::checkInvariants);
    }

    /**
     * The entries of a map on this node.
     *
     * @param kind the map
     * @param owner its owner; may be this node
     * @return a view of the entries, valid until the next call; empty for a node that is not in the view
     */
    public Map<String, String> entries(int kind, Peer owner) {
        if (owner.equals(self)) {
            return Collections.unmodifiableMap(own.get(kind).entries());
        }
        @Nullable List<MapReplica> replica = replicas.get(owner);
        return replica == null
                ? Map.of()
                : Collections.unmodifiableMap(replica.get(kind).entries());
    }

    /**
     * The version of a map of this node.
     *
     * @param kind the map
     * @return 0 or more
     */
    public long version(int kind) {
        return own.get(kind).version();
    }
}
