package io.heliodor.client.wire;

/** The outcome of decoding a message of the server. */
public sealed interface Decoded permits Frame, Malformed, Oversized {}
