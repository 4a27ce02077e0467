package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code users}.
 *
 * @param ids ids of connections, sorted
 * @param more whether there are others
 * @param complete whether all ids were read on each node
 * @param silent the nodes without an answer
 */
record Users(List<String> ids, boolean more, boolean complete, List<String> silent) {}
