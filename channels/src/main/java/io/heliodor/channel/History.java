package io.heliodor.channel;

import io.heliodor.event.Event;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

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
 * @param events the kept events, at least one; JSON only. So the channel declares that it sends them, as by
 *     {@link Channel.Builder#sends}
 */
public record History(int maxBroadcasts, Duration maxAge, int maxBytes, List<Event<?>> events) {
    /** The default of {@link #maxBytes()}. */
    public static final int DEFAULT_BYTES = 12 << 20;

    private static final int MAX_BROADCASTS = 100_000;

    /** The maximum age, far from an overflow of nanoseconds in a long. */
    private static final Duration MAX_AGE = Duration.ofDays(365);

    /**
     * Checks the limits and the events.
     *
     * @throws IllegalArgumentException if a limit is out of range, or if no event is given, a binary one, or two of one name and of
     *     different types
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
        for (Event<?> event : events) {
            if (event.isBinary()) {
                throw new IllegalArgumentException("Event '" + event.name()
                        + "' is binary; a binary message has no room for a token, so it cannot be kept.");
            }
        }
        events = List.copyOf(Channel.Builder.declared(null, events.toArray(Event<?>[]::new)));
    }

    /**
     * A history of at most 12 MiB for each topic.
     *
     * @param maxBroadcasts how many broadcasts of a topic are kept
     * @param maxAge how long each is kept
     * @param events which events are kept; binary ones cannot be
     * @return the history
     * @throws IllegalArgumentException if a limit is out of range, or if no event is given, a binary one, or two of one name and of
     *     different types
     */
    public static History of(int maxBroadcasts, Duration maxAge, Event<?>... events) {
        Objects.requireNonNull(maxAge, "maxAge");
        Objects.requireNonNull(events, "events");
        return new History(maxBroadcasts, maxAge, DEFAULT_BYTES, List.of(events));
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

    /**
     * Whether broadcasts of an event are kept.
     *
     * @param event the name of an event
     * @return whether it is one of {@link #events()}
     */
    public boolean keeps(String event) {
        Objects.requireNonNull(event, "event");
        for (Event<?> kept : events) { // for each broadcast, of one or a few events
            if (kept.name().equals(event)) {
                return true;
            }
        }
        return false;
    }
}
