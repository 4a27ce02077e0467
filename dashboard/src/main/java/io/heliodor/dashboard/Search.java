package io.heliodor.dashboard;

import io.heliodor.event.InvalidPayload;

/**
 * The payload of a call that finds topics or users.
 *
 * @param text a topic or an id, or a part of one
 */
record Search(String text) {
    static final int MAX_TEXT = 255;

    Search {
        if (text.length() > MAX_TEXT) {
            throw new InvalidPayload("text", "must have at most " + MAX_TEXT + " characters");
        }
    }
}
