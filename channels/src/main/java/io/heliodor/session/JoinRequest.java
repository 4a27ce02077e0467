package io.heliodor.session;

import io.heliodor.channel.InvalidPayload;
import io.heliodor.channel.Join;
import io.heliodor.channel.Socket;
import io.heliodor.channel.TopicPattern;
import io.heliodor.pubsub.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;

/** One client's request to join, as the join handler sees it. */
record JoinRequest<S>(Socket<S> socket, TopicPattern pattern, String topic, Payload sent, PayloadCodec codec)
        implements Join<S> {
    @Override
    public String subtopic() {
        return pattern.subtopic(topic);
    }

    @Override
    public <P> P payload(Class<P> type) {
        return switch (codec.decode(Type.of(type), sent)) {
            case PayloadOutcome.Fit<P>(var value) -> value;
            case PayloadOutcome.Unfit<P>(var field, var message) -> throw new InvalidPayload(field, message);
        };
    }
}
