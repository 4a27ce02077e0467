package io.heliodor.client.status;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A refusal of the server: of a join or a call.
 *
 * @param reason the {@code reason} of the error; empty if it has none
 * @param retryAfter the time after which the server accepts it; empty if it has not sent one
 * @param json the whole error as JSON, with the fields of its reason
 */
public record Refusal(String reason, Optional<Duration> retryAfter, String json) {
    /** Checks that no value is null. */
    public Refusal {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(retryAfter, "retryAfter");
        Objects.requireNonNull(json, "json");
    }
}
