package io.heliodor.client.wire;

/**
 * An encoded frame.
 *
 * @param isBinary whether it is a binary message of WebSocket
 * @param payload the whole message
 */
public record Message(boolean isBinary, Payload payload) {}
