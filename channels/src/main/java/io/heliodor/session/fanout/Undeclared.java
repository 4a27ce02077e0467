package io.heliodor.session.fanout;

/**
 * A message that is sent, and that the definition of its sender does not declare.
 *
 * @param sender the pattern of the channel, or {@code phoenix} for a socket
 * @param message the name of the event, or of what else is sent
 * @param text a sentence that states what is sent, and what to write
 */
public record Undeclared(String sender, String message, String text) {}
