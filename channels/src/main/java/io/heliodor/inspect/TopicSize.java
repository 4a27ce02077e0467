package io.heliodor.inspect;

/**
 * A topic with the number of its members.
 *
 * @param topic the topic
 * @param members the members on one endpoint; 0 for a topic whose history outlives them
 */
public record TopicSize(String topic, int members) {}
