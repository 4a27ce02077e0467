package io.heliodor.once;

import java.util.Objects;

/**
 * The identity of a call that is executed once.
 *
 * @param id the id of the connection
 * @param key the text by which its client recognizes the call
 */
public record CallKey(String id, String key) {
    /** Checks that no value is null. */
    public CallKey {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(key, "key");
    }
}
