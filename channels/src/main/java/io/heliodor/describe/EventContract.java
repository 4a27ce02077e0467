package io.heliodor.describe;

import java.util.Objects;

/**
 * A message without a reply.
 *
 * @param name its name on the wire
 * @param content its payload
 */
public record EventContract(String name, Content content) {
    /** Checks that nothing is null. */
    public EventContract {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(content, "content");
    }
}
