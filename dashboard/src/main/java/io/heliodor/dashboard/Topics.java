package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code topics}.
 *
 * @param topics the largest topics found
 * @param more whether there are others
 * @param complete whether all topics were read on each node
 * @param silent the nodes without an answer
 */
record Topics(List<TopicRow> topics, boolean more, boolean complete, List<String> silent) {}
