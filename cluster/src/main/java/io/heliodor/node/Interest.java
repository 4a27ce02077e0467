package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.Place;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which peers want which topics. Written on the node's loop, read by all who publish. */
final class Interest {
    /** Stands for all topics: what a node wants that has more than it may list. Names have no control characters. */
    static final String EVERYTHING = "\u0001";

    private static final char SEPARATOR = '\u0000';
    private static final Peer[] NOBODY = {};

    private final ConcurrentHashMap<String, Peer[]> peers = new ConcurrentHashMap<>();

    /** A topic as one text: the names of its scopes, then its own. */
    static String key(Place place) {
        if (place.scopes().isEmpty()) {
            return place.topic();
        }
        return String.join(String.valueOf(SEPARATOR), place.scopes()) + SEPARATOR + place.topic();
    }

    /** The topic that a text stands for, if it does. */
    static Optional<Place> place(String key) {
        List<String> names = List.of(key.split(String.valueOf(SEPARATOR), -1));
        try {
            return Optional.of(new Place(names.subList(0, names.size() - 1), names.getLast()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void add(Peer peer, String key) {
        peers.compute(key, (name, present) -> {
            Peer[] before = present == null ? NOBODY : present;
            Peer[] more = Arrays.copyOf(before, before.length + 1);
            more[before.length] = peer;
            return more;
        });
    }

    void remove(Peer peer, String key) {
        peers.computeIfPresent(key, (name, present) -> {
            Peer[] fewer =
                    Arrays.stream(present).filter(other -> !other.equals(peer)).toArray(Peer[]::new);
            return fewer.length == 0 ? null : fewer;
        });
    }

    /** Who wants a topic. The array is shared: read it, never write it. */
    Peer[] of(String key) {
        Peer[] exact = peers.getOrDefault(key, NOBODY);
        Peer[] all = peers.getOrDefault(EVERYTHING, NOBODY);
        if (all.length == 0) {
            return exact;
        }
        Peer[] both = Arrays.copyOf(all, all.length + exact.length);
        System.arraycopy(exact, 0, both, all.length, exact.length);
        return Arrays.stream(both).distinct().toArray(Peer[]::new);
    }
}
