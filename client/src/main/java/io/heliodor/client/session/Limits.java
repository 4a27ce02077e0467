package io.heliodor.client.session;

/**
 * The bounds of a client that its state observes. Those of frames and calls that wait are observed by the caller, before it hands them
 * over.
 *
 * @param maxCallbacks the number of callbacks that wait; at this number no further frame is requested
 * @param maxCallbackBytes the bytes of their payloads
 */
public record Limits(int maxCallbacks, long maxCallbackBytes) {}
