package io.heliodor.session.fanout;

import io.heliodor.channel.History;
import org.jspecify.annotations.Nullable;

/** The retentions of the topics of one endpoint. */
public interface Retentions {
    /**
     * A retention for a topic. Called under the topic's lock.
     *
     * @param first the channel that joins; null for a retention that begins for other nodes
     */
    Retention of(FastlaneTopic topic, History kept, @Nullable TopicMember first);

    /**
     * Publishes a broadcast to a topic without a retention, if other nodes or endpoints keep it.
     *
     * @param retained whether the topic has a retention, which could not publish it
     * @return false if nothing was done
     */
    boolean publish(String topic, Broadcast broadcast, boolean retained);
}
