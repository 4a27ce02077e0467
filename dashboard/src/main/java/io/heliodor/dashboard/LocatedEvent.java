package io.heliodor.dashboard;

/**
 * An event with its node.
 *
 * @param node the name of the node
 * @param event the event
 */
record LocatedEvent(String node, LoggedEvent event) {}
