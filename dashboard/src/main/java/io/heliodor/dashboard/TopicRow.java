package io.heliodor.dashboard;

import java.util.List;

/**
 * A topic of the reply to {@code topics}.
 *
 * @param topic the topic
 * @param members the members on the nodes that listed it
 * @param nodes these nodes with their members
 */
record TopicRow(String topic, int members, List<Count> nodes) {}
