package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Which peers want which topics. Written on the node's loop, read by all who publish. */
final class RemoteInterest {
    /** Stands for all topics: what a node wants that has more than it may list. Names have no control characters. */
    static final String EVERYTHING = "\u0001";

    private static final char SEPARATOR = '\u0000';

    private final ConcurrentHashMap<String, List<Peer>> peers = new ConcurrentHashMap<>();

    /** A topic as one text: the names of its scopes, then its own. */
    static String key(TopicAddress place) {
        if (place.scopes().isEmpty()) {
            return place.topic();
        }
        return String.join(String.valueOf(SEPARATOR), place.scopes()) + SEPARATOR + place.topic();
    }

    /** The topic that a text stands for, if it does. */
    static Optional<TopicAddress> place(String key) {
        List<String> names = List.of(key.split(String.valueOf(SEPARATOR), -1));
        try {
            return Optional.of(new TopicAddress(names.subList(0, names.size() - 1), names.getLast()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void add(Peer peer, String key) {
        peers.merge(key, List.of(peer), RemoteInterest::both);
    }

    void remove(Peer peer, String key) {
        peers.computeIfPresent(key, (name, present) -> {
            List<Peer> fewer =
                    present.stream().filter(other -> !other.equals(peer)).toList();
            return fewer.isEmpty() ? null : fewer;
        });
    }

    /** The peers that subscribe to a topic, each once. */
    List<Peer> of(String key) {
        List<Peer> exact = peers.getOrDefault(key, List.of());
        List<Peer> all = peers.getOrDefault(EVERYTHING, List.of());
        return all.isEmpty() ? exact : both(all, exact);
    }

    private static List<Peer> both(List<Peer> some, List<Peer> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }
}
