package io.heliodor.describe;

import java.util.List;
import java.util.Objects;

/**
 * The join of a channel.
 *
 * @param payload its payload
 * @param reply the reply to an accepted one
 * @param error the payload of a refusal
 * @param reasons the declared reasons of refusals; empty if none are declared
 * @param authorized whether the right to the topic is checked, which adds a reason to those of refusals
 */
public record JoinContract(Content payload, Content reply, Content error, List<String> reasons, boolean authorized) {
    /** Takes a copy. */
    public JoinContract {
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(reasons, "reasons");
        reasons = List.copyOf(reasons);
    }
}
