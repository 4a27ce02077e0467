package io.heliodor.dashboard;

import io.heliodor.event.InvalidPayload;

/**
 * The payload of the call {@code trace}.
 *
 * @param of whether a user or a topic is traced
 * @param text the id of the user, or the topic
 */
record TraceRequest(Traced of, String text) {
    TraceRequest {
        if (text.isEmpty() || text.length() > Search.MAX_TEXT) {
            throw new InvalidPayload("text", "must have 1 to " + Search.MAX_TEXT + " characters");
        }
    }
}
