package io.heliodor.presence.announce;

import java.util.Optional;

/** The metadata of one presence, as clients receive it. */
public interface PresenceMeta {
    /**
     * The meta of the application.
     *
     * @return the value that was tracked
     */
    Object meta();

    /**
     * The identifier of this version of the presence: {@code phx_ref}. It is unique among all nodes and never used again.
     *
     * @return letters, digits, dots and minus signs
     */
    String ref();

    /**
     * The identifier of the version that an update replaced: {@code phx_ref_prev}.
     *
     * @return its ref; empty for a presence that was not updated
     */
    Optional<String> previous();
}
