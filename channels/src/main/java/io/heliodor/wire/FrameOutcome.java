package io.heliodor.wire;

/** What a message of a client turned out to be. */
public sealed interface FrameOutcome permits Frame, Malformed {}
