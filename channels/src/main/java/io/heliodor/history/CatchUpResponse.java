package io.heliodor.history;

import java.util.List;
import java.util.Optional;

/**
 * The answer of a log to another one that catches up.
 *
 * @param streams all streams that it knows
 * @param own its own stream
 * @param messages what it keeps above the position that was asked with, in the order in which it delivered them
 * @param more whether there are more of them
 * @param <C> the type of what is published
 */
public record CatchUpResponse<C>(List<Stream> streams, long own, List<Message<C>> messages, boolean more) {
    /** Takes copies. */
    public CatchUpResponse {
        streams = List.copyOf(streams);
        messages = List.copyOf(messages);
    }

    /**
     * The state of a stream in a log.
     *
     * @param id the stream
     * @param counter the position of the log
     * @param floor what is up to this counter is not kept there
     * @param owner where its log is, as far as that is known
     */
    public record Stream(long id, long counter, long floor, Optional<LogLocation> owner) {}
}
