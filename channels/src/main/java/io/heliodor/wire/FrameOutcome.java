package io.heliodor.wire;

/** The result of decoding a message from a client: a frame, or why it is not one. */
public sealed interface FrameOutcome permits Frame, Malformed {}
