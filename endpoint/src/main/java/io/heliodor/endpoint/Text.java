package io.heliodor.endpoint;

/**
 * A text that answers a request.
 *
 * @param type its media type, such as {@code text/plain; charset=utf-8}; it is sent in UTF-8
 * @param text what it says
 */
public record Text(String type, String text) {}
