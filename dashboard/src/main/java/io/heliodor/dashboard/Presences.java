package io.heliodor.dashboard;

import io.heliodor.presence.Presence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The presences that the dashboard shows. They are replicated, so this node has those of all nodes.
 *
 * @param byName the presences by the names that the application gave
 */
record Presences(Map<String, Presence<?>> byName) {
    private static final int MAX_KEYS = 50;

    /** The cost of a list is linear: larger topics have their number of keys alone. */
    private static final int MAX_LISTED = 1_000;

    Presences {
        byName = new TreeMap<>(byName);
    }

    /** The number of presences on all nodes, as this one knows them; empty if the dashboard shows none. */
    Optional<Long> size() {
        return byName.isEmpty()
                ? Optional.empty()
                : Optional.of(byName.values().stream().mapToLong(Presence::size).sum());
    }

    /** The number of keys on a topic, by presence. */
    List<Count> counts(String topic) {
        return byName.entrySet().stream()
                .map(each -> new Count(each.getKey(), each.getValue().count(topic)))
                .filter(each -> each.count() > 0)
                .toList();
    }

    /** The first keys on a topic. */
    List<PresentKey> keys(String topic) {
        return byName.entrySet().stream()
                .filter(each -> each.getValue().count(topic) <= MAX_LISTED)
                .flatMap(each -> new TreeMap<>(each.getValue().list(topic))
                        .entrySet().stream()
                                .map(key -> new PresentKey(
                                        each.getKey(),
                                        key.getKey(),
                                        key.getValue().size())))
                .limit(MAX_KEYS)
                .toList();
    }
}
