package io.heliodor.channel;

import io.heliodor.event.Event;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The history of a topic: its kept broadcasts, which a client that comes back gets if it missed them.
 *
 * {@snippet lang="java" :
 * Channel.join(join -> Join.ok(Empty.EMPTY))
 *         .on(SHOUT, (shout, room) -> room.broadcast(SHOUT, shout))
 *         .history(History.of(100, Duration.ofMinutes(5), SHOUT))
 *         .build();
 * }
 *
 * <p><b>On the wire.</b> Each broadcast of a kept event has a token in place of the empty ref: an opaque text that begins with {@code @}. The
 * reply to a join has {@code "history": {"token", "recovered"}} after the fields of the join handler's reply, which must be an object. A
 * client that joins with {@code "since": token} gets all broadcasts that were kept after the token, in order. They come after the reply and
 * before newer messages, and {@code recovered} is true. If that is not possible, {@code recovered} is false and no broadcast is repeated:
 * the client fetches its state again.
 *
 * <p><b>Guarantees.</b> Live and repeated broadcasts together have neither gaps nor repeats, or the client is notified: by
 * {@code recovered}, or by a token that ends with {@code ~}. Broadcasts of channels and of the endpoint are kept from the first join on,
 * and until {@code maxAge} after the last client has left. The history ends with the server, or with the last node of a cluster. A token is
 * valid on each node. The broadcasts of each node come in its order, and after those that it had delivered before (causal order). All
 * endpoints and nodes must define the same history for a topic. Intercepts also handle repeated broadcasts. If a kept event has an
 * intercept, all kept broadcasts pass through the channel's mailbox, which keeps their order.
 *
 * <p><b>Limits.</b> By number, by age, by size for each topic, and by size for all topics of an endpoint
 * ({@code MemoryLimits.maxHistoryBytes}); the oldest are dropped first.
 *
 * @param maxBroadcasts the maximum number of kept broadcasts of a topic from each node: 1 to 100 000
 * @param maxAge the maximum age of a kept broadcast: more than zero, at most 365 days
 * @param maxBytes the maximum heap of the kept broadcasts of a topic: 1 or more, 12 MiB by default. A small broadcast takes its
 *     payload and about 500 bytes, and more in a cluster
 * @param events the names of the kept events, at least one; JSON only
 */
public record History(int maxBroadcasts, Duration maxAge, int maxBytes, Set<String> events) {
    /** The default of {@link #maxBytes()}. */
    public static final int DEFAULT_BYTES = 12 << 20;

    private static final int MAX_BROADCASTS = 100_000;

    /** The maximum age, far from an overflow of nanoseconds in a long. */
    private static final Duration MAX_AGE = Duration.ofDays(365);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public History {
        Objects.requireNonNull(maxAge, "maxAge");
        Objects.requireNonNull(events, "events");
        if (maxBroadcasts < 1 || maxBroadcasts > MAX_BROADCASTS) {
            throw new IllegalArgumentException(
                    "A history keeps 1 to " + MAX_BROADCASTS + " broadcasts, not " + maxBroadcasts + ".");
        }
        if (!maxAge.isPositive() || maxAge.compareTo(MAX_AGE) > 0) {
            throw new IllegalArgumentException(
                    "A history keeps broadcasts for more than no time and at most 365 days, not for " + maxAge + ".");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("A history keeps at least one byte, not " + maxBytes + ".");
        }
        if (events.isEmpty()) {
            throw new IllegalArgumentException("A history keeps no event; name at least one.");
        }
        events = Set.copyOf(events);
    }

    /**
     * A history of at most 12 MiB for each topic.
     *
     * @param maxBroadcasts how many broadcasts of a topic are kept
     * @param maxAge how long each is kept
     * @param events which events are kept; binary ones cannot be
     * @return the history
     * @throws IllegalArgumentException if a bound is out of range, no event is given, or a binary one
     */
    public static History of(int maxBroadcasts, Duration maxAge, Event<?>... events) {
        Objects.requireNonNull(maxAge, "maxAge");
        Objects.requireNonNull(events, "events");
        for (Event<?> event : events) {
            Objects.requireNonNull(event, "event");
            if (event.isBinary()) {
                throw new IllegalArgumentException("Event '" + event.name()
                        + "' is binary; a binary message has no room for a token, so it cannot be kept.");
            }
        }
        return new History(
                maxBroadcasts,
                maxAge,
                DEFAULT_BYTES,
                Arrays.stream(events).map(Event::name).collect(Collectors.toSet()));
    }

    /**
     * The same with another {@link #maxBytes()}.
     *
     * @param bytes 1 or more
     * @return a history
     * @throws IllegalArgumentException if it is less than 1
     */
    public History maxBytes(int bytes) {
        return new History(maxBroadcasts, maxAge, bytes, events);
    }
}
