package io.heliodor.inspect;

/** The user or topic whose frames are traced. */
public sealed interface TraceTarget {
    /**
     * All connections of an id.
     *
     * @param id the id that the connect handler gave them
     */
    record User(String id) implements TraceTarget {}

    /**
     * All members of a topic, and clients that join it.
     *
     * @param topic the topic
     */
    record OfTopic(String topic) implements TraceTarget {}
}
