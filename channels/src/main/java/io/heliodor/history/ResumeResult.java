package io.heliodor.history;

import java.util.List;

/**
 * The result of a join with or without a token.
 *
 * @param recovered whether {@code missed} has all messages that the member missed
 * @param token the token of the reply
 * @param missed the missed messages in order
 * @param ahead the counters of streams of which the member has more than this node; mostly empty
 * @param <C> the type of the contents
 */
public record ResumeResult<C>(boolean recovered, String token, List<Missed<C>> missed, VersionVector ahead) {
    /** Copies the list. */
    public ResumeResult {
        missed = List.copyOf(missed);
    }

    /**
     * A message that is sent again.
     *
     * @param kept the message
     * @param token the token of the member after it
     * @param <C> the type of the contents
     */
    public record Missed<C>(LogEntry<C> kept, ResumeToken token) {}
}
