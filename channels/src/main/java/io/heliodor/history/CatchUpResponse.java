package io.heliodor.history;

import java.util.List;
import java.util.Optional;

/**
 * A part of the response of a log to another one that catches up.
 *
 * @param streams all streams that it knows
 * @param own its own stream
 * @param messages the kept messages above the position of the request, in the order of their delivery
 * @param more whether another part follows
 * @param <C> the type of what is published
 */
public record CatchUpResponse<C>(List<Stream> streams, long own, List<Message<C>> messages, boolean more) {
    /** Copies the lists. */
    public CatchUpResponse {
        streams = List.copyOf(streams);
        messages = List.copyOf(messages);
    }

    /**
     * The state of a stream in a log.
     *
     * @param id the stream
     * @param counter the counter of the last delivered message
     * @param floor the counter up to which messages are not kept there
     * @param owner the location of the log that publishes the stream; empty if unknown
     */
    public record Stream(long id, long counter, long floor, Optional<LogLocation> owner) {}
}
