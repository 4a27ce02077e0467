package io.heliodor.presence.announce;

import java.util.Optional;

/** One presence, as it is told. */
public interface PresenceMeta {
    /**
     * What is said about it.
     *
     * @return the user's value
     */
    Object meta();

    /**
     * Names it, for ever and on every node: {@code phx_ref}.
     *
     * @return letters and digits
     */
    String ref();

    /**
     * Which one it replaced: {@code phx_ref_prev}.
     *
     * @return its name
     */
    Optional<String> previous();
}
