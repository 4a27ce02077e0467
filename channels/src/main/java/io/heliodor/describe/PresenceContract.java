package io.heliodor.describe;

import java.util.Objects;

/**
 * Presences that a channel sends: the events {@code NAME_state} and {@code NAME_diff}.
 *
 * @param name the name; {@code presence} for those of the channel's own topic
 * @param meta the metas
 */
public record PresenceContract(String name, Content meta) {
    /** Checks that nothing is null. */
    public PresenceContract {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(meta, "meta");
    }
}
