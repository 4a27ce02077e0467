package io.heliodor.process;

/**
 * A monitored node has left the view.
 *
 * @param node its name
 */
public record NodeDown(String node) {}
