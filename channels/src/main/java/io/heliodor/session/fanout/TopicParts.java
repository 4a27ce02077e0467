package io.heliodor.session.fanout;

import io.heliodor.log.FailureLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.PayloadCodec;

/**
 * The parts of an endpoint that its topics share.
 *
 * @param endpoint stands for the endpoint in its broadcasts; compared by identity
 * @param failures the log about keys of slow policies
 */
public record TopicParts(
        Object endpoint,
        PubSub pubsub,
        PayloadCodec codec,
        Counters counters,
        TopicLimits topicLimits,
        MemoryBudget memory,
        BroadcastTap tap,
        FailureLog failures) {}
