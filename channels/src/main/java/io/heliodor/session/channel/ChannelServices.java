package io.heliodor.session.channel;

import io.heliodor.channel.Channels;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.wire.PayloadCodec;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The parts of an endpoint that its channels share. Any thread may use it.
 *
 * @param budget the clock, limits and counters
 * @param channels the server's view of all channels
 * @param pubsub the pub/sub of the endpoint
 * @param codec encodes and decodes payloads
 * @param fastlane the members of all topics
 * @param presence encodes presences
 * @param observers the observers of the endpoint
 * @param handlerLog the log about handlers
 * @param deferredReplies the deferred replies that are not sent yet
 * @param once the calls that are executed once
 * @param undeclared gets each message that is sent without being declared
 * @param joinFailed gets the topic and the cause of each join that is refused with {@code join crashed}
 */
public record ChannelServices(
        EndpointBudget budget,
        Channels channels,
        PubSub pubsub,
        PayloadCodec codec,
        Fastlane fastlane,
        PresenceJson presence,
        Observers observers,
        HandlerLog handlerLog,
        DeferredReplies deferredReplies,
        OnceCalls once,
        Consumer<Undeclared> undeclared,
        BiConsumer<String, Throwable> joinFailed) {
    Counters counters() {
        return budget.counters();
    }
}
