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

    private final ConcurrentHashMap<TopicAddress, List<Peer>> peers = new ConcurrentHashMap<>();

    /** The peers that get the messages of all topics. Only the node's loop writes it. */
    private volatile List<Peer> ofAll = List.of();

    /** The key of a topic: the names of its scopes, then its own. */
    public static String key(TopicAddress address) {
        if (address.scopes().isEmpty()) {
            return address.topic();
        }
        return String.join(String.valueOf(SEPARATOR), address.scopes()) + SEPARATOR + address.topic();
    }

    /** A key in messages to people: slashes part the names. */
    static String printable(String key) {
        return key.replace(SEPARATOR, '/');
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

    /** A peer has subscriptions to the topic of a key. An invalid key is ignored: no message is published there. */
    public void add(Peer peer, String key) {
        if (key.equals(EVERYTHING)) {
            ofAll = both(ofAll, List.of(peer));
        } else {
            address(key).ifPresent(address -> peers.merge(address, List.of(peer), RemoteInterest::both));
        }
    }

    /** A peer has no subscriptions to the topic of a key any more. */
    public void remove(Peer peer, String key) {
        if (key.equals(EVERYTHING)) {
            ofAll = without(ofAll, peer);
        } else {
            address(key)
                    .ifPresent(address -> peers.computeIfPresent(address, (_, present) -> {
                        List<Peer> fewer = without(present, peer);
                        return fewer.isEmpty() ? null : fewer;
                    }));
        }
    }

    /** The peers with subscriptions to a topic, each once. */
    public List<Peer> of(TopicAddress address) {
        List<Peer> exact = peers.getOrDefault(address, List.of());
        List<Peer> all = ofAll;
        return all.isEmpty() ? exact : both(all, exact);
    }

    private static List<Peer> without(List<Peer> peers, Peer peer) {
        return peers.stream().filter(other -> !other.equals(peer)).toList();
    }

    private static List<Peer> both(List<Peer> some, List<Peer> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }
}
