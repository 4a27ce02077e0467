package io.heliodor.event;

/**
 * The reason of a refusal: {@code {"reason": "..."}} on the wire, as in the refusals of Phoenix and of Heliodor.
 *
 * @param reason a word or a sentence for the client
 */
public record Reason(String reason) {}
