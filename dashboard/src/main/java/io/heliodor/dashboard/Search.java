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
        check("text", text);
    }

    /** Refuses a text that is longer than a topic may be. */
    static void check(String field, String text) {
        if (text.length() > MAX_TEXT) {
            throw new InvalidPayload(field, "must have at most " + MAX_TEXT + " characters");
        }
    }
}
