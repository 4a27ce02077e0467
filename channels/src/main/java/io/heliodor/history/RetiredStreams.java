package io.heliodor.history;

import io.heliodor.history.CatchUpResponse.Retired;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The streams that a log has retired: they have ended, none of their messages is kept, and positions and tokens do not name them any
 * more. The latest are remembered, because messages and tokens from before may still arrive.
 */
final class RetiredStreams {
    /** Beyond it the stream that was retired first is forgotten. */
    private final int maxRemembered;

    private final LinkedHashMap<Long, Retired> streams = new LinkedHashMap<>();

    RetiredStreams(int maxRemembered) {
        this.maxRemembered = maxRemembered;
    }

    /**
     * Adds a stream.
     *
     * @param last its last message, later than the one up to which the stream was retired before
     * @param by the message that retired it
     * @return the stream that is forgotten, if there are too many
     */
    Optional<Retired> add(Dot last, Dot by) {
        streams.putLast(last.stream(), new Retired(last, by));
        return streams.size() > maxRemembered
                ? Optional.of(streams.pollFirstEntry().getValue())
                : Optional.empty();
    }

    /** The counter of the last message of a stream; 0 if the stream is not retired, or forgotten. */
    long last(long stream) {
        Retired found = streams.get(stream);
        return found == null ? 0 : found.last().counter();
    }

    /** The streams that were retired by messages above a position. */
    List<Retired> since(VersionVector position) {
        return streams.values().stream()
                .filter(each -> each.by().counter() > position.get(each.by().stream()))
                .toList();
    }

    void checkInvariants() {
        Invariant.check(streams.size() <= maxRemembered, "retired streams are limited", streams.size());
        streams.forEach((id, each) -> Invariant.check(
                id == each.last().stream() && id != each.by().stream(), "another stream retires a stream", id, each));
    }

    boolean has(long stream) {
        return streams.containsKey(stream);
    }

    /**
     * The counter up to which a member has the messages of a stream, given the streams that its token names. A token does not name a
     * stream that was retired before it was issued: its member has all messages of that stream.
     */
    long counter(VersionVector named, long stream) {
        return named.has(stream) ? named.get(stream) : lastBefore(named, stream);
    }

    private long lastBefore(VersionVector named, long stream) {
        Retired found = streams.get(stream);
        return found != null && hasMessage(named, found.by(), streams.size())
                ? found.last().counter()
                : 0;
    }

    /** Whether a member has a message, also if the message's own stream was retired later. */
    private boolean hasMessage(VersionVector named, Dot dot, int depth) {
        if (named.has(dot.stream())) {
            return named.get(dot.stream()) >= dot.counter();
        }
        Retired found = streams.get(dot.stream());
        return depth > 0
                && found != null
                && found.last().counter() >= dot.counter()
                && hasMessage(named, found.by(), depth - 1);
    }
}
