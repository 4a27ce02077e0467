package io.heliodor.dashboard;

/**
 * The end of a trace on a node.
 *
 * @param node the name of the node
 * @param why {@code time}, {@code frames}, {@code bytes} or {@code unread}
 */
record TraceEnd(String node, String why) {}
