package io.heliodor.client.json;

import org.jspecify.annotations.Nullable;

/** A payload that does not fit its type. */
public final class UnreadablePayload extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadablePayload(String problem, @Nullable Throwable cause) {
        super(problem, cause);
    }
}
