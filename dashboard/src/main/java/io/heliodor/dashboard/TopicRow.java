package io.heliodor.dashboard;

import java.util.List;

/**
 * A row of {@link Topics}.
 *
 * @param topic the topic
 * @param members the members on the nodes that listed it
 * @param part whether a node that did not list it may have more of them
 * @param nodes these nodes with their members
 */
record TopicRow(String topic, int members, boolean part, List<Count> nodes) {}
