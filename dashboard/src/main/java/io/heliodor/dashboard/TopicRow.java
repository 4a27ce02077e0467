package io.heliodor.dashboard;

import java.util.List;

/**
 * A row of {@link Topics}.
 *
 * @param topic the topic
 * @param members the members on the nodes that listed it
 * @param nodes these nodes with their members
 */
record TopicRow(String topic, int members, List<Count> nodes) {}
