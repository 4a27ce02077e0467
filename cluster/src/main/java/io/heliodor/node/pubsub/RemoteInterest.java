package io.heliodor.node.pubsub;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The peers with subscriptions to each topic. Written on the node's loop, read by publishers. */
public final class RemoteInterest {
    /** The number of buckets. */
    public static final int BUCKETS = 1 << 16;

    /** The first character of the key of a bucket. Names have no control characters. */
    private static final char BUCKET = '\u0001';

    private static final char SEPARATOR = '\u0000';

    private final ConcurrentHashMap<TopicAddress, List<Peer>> peers = new ConcurrentHashMap<>();

    /** The peers with topics that they do not list by name, by the keys of their buckets. */
    private final ConcurrentHashMap<String, List<Peer>> byBucket = new ConcurrentHashMap<>();

    /** The key of a topic: the names of its scopes, then its own. */
    public static String key(TopicAddress address) {
        if (address.scopes().isEmpty()) {
            return address.topic();
        }
        return String.join(String.valueOf(SEPARATOR), address.scopes()) + SEPARATOR + address.topic();
    }

    /**
     * The key of the bucket of a topic: one of 65 536, by its hash. A node with more topics than it may list lists the buckets of the
     * others, and receives the messages of all topics in them.
     */
    static String bucket(String key) {
        // Mixed, so that similar names are in different buckets.
        int hash = key.hashCode() * 0x9e3779b1;
        return BUCKET + HexFormat.of().toHexDigits((char) (hash >>> Character.SIZE));
    }

    private static boolean isBucket(String key) {
        return !key.isEmpty() && key.charAt(0) == BUCKET;
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
        if (isBucket(key)) {
            byBucket.merge(key, List.of(peer), RemoteInterest::both);
        } else {
            address(key).ifPresent(address -> peers.merge(address, List.of(peer), RemoteInterest::both));
        }
    }

    /** A peer has no subscriptions to the topic of a key any more. */
    public void remove(Peer peer, String key) {
        if (isBucket(key)) {
            byBucket.computeIfPresent(key, (_, present) -> without(present, peer));
        } else {
            address(key).ifPresent(address -> peers.computeIfPresent(address, (_, present) -> without(present, peer)));
        }
    }

    /** The peers that have subscriptions to a topic, and those that may have them, each once. */
    public List<Peer> of(TopicAddress address) {
        List<Peer> listing = listing(address);
        return byBucket.isEmpty() ? listing : both(byBucket.getOrDefault(bucket(key(address)), List.of()), listing);
    }

    /** The peers that list a topic by its name. */
    public List<Peer> listing(TopicAddress address) {
        return peers.getOrDefault(address, List.of());
    }

    private static @Nullable List<Peer> without(List<Peer> peers, Peer peer) {
        List<Peer> fewer = peers.stream().filter(other -> !other.equals(peer)).toList();
        return fewer.isEmpty() ? null : fewer;
    }

    private static List<Peer> both(List<Peer> some, List<Peer> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }
}
