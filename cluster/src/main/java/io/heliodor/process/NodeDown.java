package io.heliodor.process;

/**
 * A node that was watched has left the view.
 *
 * @param node its name
 */
public record NodeDown(String node) {}
