package io.heliodor.wire;

/** The result of decoding a message from a client: a frame, a frame beyond a limit, or why it is not a frame. */
public sealed interface FrameOutcome permits Frame, OverLimit, Malformed {}
