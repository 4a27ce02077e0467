package io.heliodor.history;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** The logs that publish the streams of a log, as far as known, and which of the streams have ended. */
final class StreamOwners {
    /** The location of the log that has this state. */
    private final LogLocation here;

    private final Map<Long, LogLocation> owners = new TreeMap<>();

    /** The stream of the present log of each location, as far as known. */
    private final Map<LogLocation, Long> current = new HashMap<>();

    /** The streams that have ended, with the time. */
    private final Map<Long, Long> ended = new TreeMap<>();

    StreamOwners(LogLocation here) {
        this.here = here;
    }

    LogLocation here() {
        return here;
    }

    /** The location of the log that publishes a stream; empty if unknown. */
    Optional<LogLocation> of(long stream) {
        return Optional.ofNullable(owners.get(stream));
    }

    void set(long stream, LogLocation location) {
        owners.put(stream, location);
    }

    /** Sets the location of a stream if that is unknown. */
    void add(long stream, LogLocation location) {
        owners.putIfAbsent(stream, location);
    }

    /** A stream is that of the present log of a location, so no other stream of that location continues. */
    void setCurrent(LogLocation location, long stream) {
        current.put(location, stream);
    }

    void forget(long stream) {
        owners.remove(stream);
        ended.remove(stream);
    }

    /**
     * Updates which streams have ended.
     *
     * @param streams the streams of the log
     * @param own the stream of the log itself
     * @param living whether a node has subscriptions to the topic
     * @param expired whether no log keeps a message of a stream. If its location is unknown, more may come until then
     * @param now the present time
     */
    void update(VersionVector streams, long own, Predicate<String> living, LongPredicate expired, long now) {
        current.keySet().removeIf(each -> !living.test(each.node()));
        for (int i = 0; i < streams.size(); i++) {
            long stream = streams.stream(i);
            LogLocation of = owners.get(stream);
            boolean continues = of == null ? !expired.test(stream) : continues(stream, of, living);
            if (stream == own || continues) {
                ended.remove(stream);
            } else {
                ended.putIfAbsent(stream, now);
            }
        }
    }

    /** Whether more messages of a stream may come. */
    private boolean continues(long stream, LogLocation of, Predicate<String> living) {
        return !of.equals(here) && living.test(of.node()) && current.getOrDefault(of, stream) == stream;
    }

    /** When a stream ended; empty while it may continue. */
    Optional<Long> ended(long stream) {
        return Optional.ofNullable(ended.get(stream));
    }

    void checkInvariants(VersionVector position) {
        owners.keySet().forEach(each -> Invariant.check(position.has(each), "a stream of the log has an owner", each));
        ended.keySet().forEach(each -> Invariant.check(position.has(each), "a stream of the log has ended", each));
    }
}
