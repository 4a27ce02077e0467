package io.heliodor.client.wire;

/**
 * A message that is not a frame of the protocol.
 *
 * @param fault the first fault, without content of the message
 */
public record Malformed(String fault) implements Decoded {}
