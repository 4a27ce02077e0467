package io.heliodor.event;

/**
 * Why a request was refused: {@code {"reason": "..."}} on the wire, as the refusals of Phoenix and of Heliodor are.
 *
 * @param reason a word or a sentence for the client
 */
public record Reason(String reason) {}
