package io.heliodor.dashboard;

import io.heliodor.event.InvalidPayload;

/**
 * The payload of the call {@code untrace}.
 *
 * @param id the id of the trace
 */
record TraceId(String id) {
    private static final int MAX_ID = 64;

    TraceId {
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw new InvalidPayload("id", "must have 1 to " + MAX_ID + " characters");
        }
    }
}
