package io.heliodor.endpoint;

/**
 * The response to a request for a computed text.
 *
 * @param type its media type, such as {@code text/plain; charset=utf-8}; it is sent in UTF-8
 * @param text the body
 */
public record Text(String type, String text) {}
