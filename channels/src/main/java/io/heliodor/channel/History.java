package io.heliodor.channel;

import io.heliodor.event.Event;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is kept of a topic, so that a client that comes back gets what it missed.
 *
 * {@snippet lang="java" :
 * Channel.join(join -> Join.ok(Empty.EMPTY))
 *         .on(SHOUT, (shout, room) -> room.broadcast(SHOUT, shout))
 *         .history(History.of(100, Duration.ofMinutes(5), SHOUT))
 *         .build();
 * }
 *
 * <p><b>On the wire.</b> Each broadcast of a kept event carries a token where broadcasts have an empty ref: an opaque text that
 * begins with {@code @}. The reply to a join has {@code "history": {"token", "recovered"}} after the fields of the join
 * handler's reply, which must be an object. A client that joins with {@code "since": token} gets
 * everything that was kept after that, in order, behind the reply and before anything newer, and {@code recovered} is
 * true. Where that is not possible {@code recovered} is false and nothing is repeated: the client fetches its state anew.
 *
 * <p><b>What is promised.</b> What a client gets, live and repeated together, has neither a gap nor a repeat, or the client learns
 * of it: by {@code recovered}, or by a token that ends with {@code ~}. Kept are broadcasts, of channels and of the endpoint, from the
 * moment when the first client joined; the history outlives the last client by its own time. It ends with the server, or with all
 * nodes of a cluster: on each of them a token is good. Of a cluster the broadcasts of each node come in its order, and after
 * those that it had delivered before (causal order). All endpoints and nodes must define the same history for a
 * topic. What an intercept does with a broadcast it does
 * with a repeated one. Where it looks at an event that is kept, all that is kept goes through the channel's mailbox, so
 * that the order holds.
 *
 * <p><b>Bounds.</b> By number, by time, by bytes for each topic, and by bytes for all topics of an endpoint
 * ({@code MemoryLimits.maxHistoryBytes}); the oldest goes first.
 *
 * @param maxBroadcasts how many broadcasts of a topic are kept, of each node: 1 to 100 000
 * @param maxAge how long each is kept: more than zero, at most 365 days
 * @param maxBytes how many bytes of a topic are kept: 1 or more, 8 MiB by default
 * @param events the names of the events that are kept, at least one; JSON only
 */
public record History(int maxBroadcasts, Duration maxAge, int maxBytes, Set<String> events) {
    /** The default of {@link #maxBytes()}. */
    public static final int DEFAULT_BYTES = 8 << 20;

    private static final int MAX_BROADCASTS = 100_000;

    /** Far from where nanoseconds overflow a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public History {
        if (maxBroadcasts < 1 || maxBroadcasts > MAX_BROADCASTS) {
            throw new IllegalArgumentException(
                    "A history keeps 1 to " + MAX_BROADCASTS + " broadcasts, not " + maxBroadcasts + ".");
        }
        if (!maxAge.isPositive() || maxAge.compareTo(LONGEST) > 0) {
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
     * A history of at most 8 MiB for each topic.
     *
     * @param maxBroadcasts how many broadcasts of a topic are kept
     * @param maxAge how long each is kept
     * @param events which events are kept; binary ones cannot be
     * @return the history
     * @throws IllegalArgumentException if a bound is out of range, no event is given, or a binary one
     */
    public static History of(int maxBroadcasts, Duration maxAge, Event<?>... events) {
        for (Event<?> event : events) {
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
