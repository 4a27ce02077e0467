package io.heliodor.describe;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The kept broadcasts of a topic.
 *
 * @param maxBroadcasts how many are kept, of each node
 * @param maxAge how long each is kept
 * @param events the names of the kept events
 */
public record HistoryContract(int maxBroadcasts, Duration maxAge, List<String> events) {
    /** Takes a copy. */
    public HistoryContract {
        Objects.requireNonNull(maxAge, "maxAge");
        Objects.requireNonNull(events, "events");
        events = List.copyOf(events);
    }
}
