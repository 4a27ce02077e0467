package io.heliodor.dashboard;

/**
 * A frame with its node.
 *
 * @param node the name of the node
 * @param frame the frame
 */
record LocatedFrame(String node, LoggedFrame frame) {}
