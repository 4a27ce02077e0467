package io.heliodor.session.fanout;

import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.replication.Replicas;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.PayloadCodec;
import java.util.function.LongSupplier;

/**
 * The parts of an endpoint that its topics share.
 *
 * @param endpoint stands for the endpoint in its broadcasts; compared by identity
 * @param copies for kept messages alone, to nodes that keep copies
 */
public record TopicParts(
        Object endpoint,
        PubSub pubsub,
        PubSub copies,
        PayloadCodec codec,
        Counters counters,
        LongSupplier clock,
        TopicLimits topicLimits,
        MemoryBudget memory,
        Histories histories,
        Replicas<KeptBroadcast> replicas,
        BroadcastTap tap) {
    long now() {
        return clock.getAsLong();
    }
}
