package io.heliodor.session.retention;

import io.heliodor.pubsub.PubSub;
import io.heliodor.session.fanout.TopicParts;
import io.heliodor.session.replication.LogHolders;
import io.heliodor.session.replication.Replicas;
import java.util.function.LongSupplier;

/**
 * The parts of an endpoint that its topics with histories share.
 *
 * @param topics those of all topics
 * @param copies for kept messages alone, to nodes that keep copies
 */
record KeptParts(TopicParts topics, PubSub copies, Replicas<KeptBroadcast> replicas, LongSupplier clock) {
    /** The nodes that have other logs, or may take one. */
    LogHolders others() {
        return replicas.others();
    }

    long now() {
        return clock.getAsLong();
    }
}
