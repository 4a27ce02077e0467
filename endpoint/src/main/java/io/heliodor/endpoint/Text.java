package io.heliodor.endpoint;

import java.util.Objects;

/**
 * The response to a request for a computed text.
 *
 * @param type its media type, such as {@code text/plain; charset=utf-8}; it is sent in UTF-8
 * @param text the body
 */
public record Text(String type, String text) {
    /** Checks that no value is null. */
    public Text {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(text, "text");
    }
}
