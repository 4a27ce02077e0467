package io.heliodor.history;

import java.util.List;

/**
 * The beginning of a membership.
 *
 * @param recovered whether {@code missed} is all that it missed
 * @param token of its reply
 * @param missed what it is sent, in order, each with its token
 * @param ahead what it has and this node has not, with the counter of each stream; empty for most
 * @param <C> the type of what is published
 */
public record ResumeResult<C>(boolean recovered, String token, List<Missed<C>> missed, VersionVector ahead) {
    /** Takes a copy. */
    public ResumeResult {
        missed = List.copyOf(missed);
    }

    /**
     * A message that is sent again.
     *
     * @param kept the message
     * @param token of the member after it
     * @param <C> the type of what is published
     */
    public record Missed<C>(LogEntry<C> kept, ResumeToken token) {}
}
