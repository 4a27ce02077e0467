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
 * @param retired the streams that were retired by messages above the position of the request, which may not be kept any more
 * @param <C> the type of what is published
 */
public record CatchUpResponse<C>(
        List<Stream> streams, long own, List<HistoryMessage<C>> messages, boolean more, List<Retired> retired) {
    /** Copies the lists. */
    public CatchUpResponse {
        streams = List.copyOf(streams);
        messages = List.copyOf(messages);
        retired = List.copyOf(retired);
    }

    /**
     * A part of the response of a log that has retired no stream.
     *
     * @param streams all streams that it knows
     * @param own its own stream
     * @param messages the kept messages above the position of the request, in the order of their delivery
     * @param more whether another part follows
     */
    public CatchUpResponse(List<Stream> streams, long own, List<HistoryMessage<C>> messages, boolean more) {
        this(streams, own, messages, more, List.of());
    }

    /**
     * A stream that was retired.
     *
     * @param last its last message
     * @param by the message that retired it
     */
    public record Retired(Dot last, Dot by) {}

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
