package io.heliodor.client.wire;

/**
 * A message that is larger than the client takes, so that its payload was dropped.
 *
 * @param frame the frame with an empty payload; in place of a reply an error with the reason {@link Frame#REPLY_TOO_LARGE}, since the status may
 *     follow the response
 */
public record Oversized(Frame frame) implements Decoded {}
