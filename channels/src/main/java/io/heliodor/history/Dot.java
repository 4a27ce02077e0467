package io.heliodor.history;

/**
 * The identifier of a message.
 *
 * @param stream the id of a stream: the messages that one log publishes from its creation to its end
 * @param counter the number of the message in the stream, from 1
 */
public record Dot(long stream, long counter) {}
