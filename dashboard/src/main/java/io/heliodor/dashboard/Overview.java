package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code overview}.
 *
 * @param node the node of the page
 * @param members the number of nodes in its view
 * @param nodes the nodes that were queried, that of the page first
 */
record Overview(String node, int members, List<NodeState> nodes) {}
