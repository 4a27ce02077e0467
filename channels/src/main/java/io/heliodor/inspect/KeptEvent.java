package io.heliodor.inspect;

/**
 * A message that the history of a topic keeps, without its payload.
 *
 * @param event the name of its event
 * @param ageMillis the time since it was kept
 */
public record KeptEvent(String event, long ageMillis) {}
