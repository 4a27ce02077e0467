package io.heliodor.event;

import java.util.Objects;

/**
 * The reason of a refusal: {@code {"reason": "..."}} on the wire, as in the refusals of Phoenix and of Heliodor.
 *
 * @param reason a word or a sentence for the client
 */
public record Reason(String reason) {
    /** Checks that no value is null. */
    public Reason {
        Objects.requireNonNull(reason, "reason");
    }
}
