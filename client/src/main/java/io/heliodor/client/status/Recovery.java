package io.heliodor.client.status;

import java.util.Objects;
import java.util.Optional;

/**
 * The outcome of a join for a channel that keeps a history, or a gap of its messages.
 *
 * @param isRecovered whether all messages that were missed follow now. False at the first join, after too long an absence, and after
 *     a gap
 * @param token the position in the history; empty if the server keeps none, or sends kept messages first
 */
public record Recovery(boolean isRecovered, Optional<String> token) {
    /** Checks that no value is null. */
    public Recovery {
        Objects.requireNonNull(token, "token");
    }
}
