package io.heliodor.endpoint;

import java.util.Map;
import java.util.Objects;

/**
 * The response to a request for a computed text.
 *
 * @param status its HTTP status, 200 to 599
 * @param type its media type, such as {@code text/plain; charset=utf-8}; it is sent in UTF-8
 * @param text the body
 * @param headers further headers, by their names. {@code Cache-Control} is {@code no-cache} unless it is among them
 */
public record Text(int status, String type, String text, Map<String, String> headers) {
    /**
     * Copies the headers.
     *
     * @throws IllegalArgumentException if the status is not 200 to 599
     */
    public Text {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(text, "text");
        headers = Map.copyOf(Objects.requireNonNull(headers, "headers"));
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("The status of a text is 200 to 599, not " + status + ".");
        }
    }

    /**
     * A response with status 200 and no further headers.
     *
     * @param type its media type
     * @param text the body
     */
    public Text(String type, String text) {
        this(200, type, text, Map.of());
    }
}
