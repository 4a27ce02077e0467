package io.heliodor.node.pubsub;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The peers with subscriptions to each topic. Written on the node's loop, read by publishers. */
public final class RemoteInterest {
    /** The key for all topics, of a node with more than it may list. Names have no control characters. */
    public static final String EVERYTHING = "\u0001";

    private static final char SEPARATOR = '\u0000';

    private final ConcurrentHashMap<String, List<Peer>> peers = new ConcurrentHashMap<>();

    /** The key of a topic: the names of its scopes, then its own. */
    public static String key(TopicAddress place) {
        if (place.scopes().isEmpty()) {
            return place.topic();
        }
        return String.join(String.valueOf(SEPARATOR), place.scopes()) + SEPARATOR + place.topic();
    }

    /** The topic of a key; empty if the key is invalid. */
    public static Optional<TopicAddress> address(String key) {
        List<String> names = List.of(key.split(String.valueOf(SEPARATOR), -1));
        try {
            return Optional.of(new TopicAddress(names.subList(0, names.size() - 1), names.getLast()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public void add(Peer peer, String key) {
        peers.merge(key, List.of(peer), RemoteInterest::both);
    }

    public void remove(Peer peer, String key) {
        peers.computeIfPresent(key, (name, present) -> {
            List<Peer> fewer =
                    present.stream().filter(other -> !other.equals(peer)).toList();
            return fewer.isEmpty() ? null : fewer;
        });
    }

    /** The peers with subscriptions to a topic, each once. */
    public List<Peer> of(TopicAddress address) {
        List<Peer> exact = peers.getOrDefault(key(address), List.of());
        List<Peer> all = peers.getOrDefault(EVERYTHING, List.of());
        return all.isEmpty() ? exact : both(all, exact);
    }

    private static List<Peer> both(List<Peer> some, List<Peer> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }
}
