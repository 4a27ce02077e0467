package io.heliodor.history;

/**
 * Names a message.
 *
 * @param stream a stream: what one log publishes in its life
 * @param counter its number in the stream, from 1
 */
public record Dot(long stream, long counter) {}
