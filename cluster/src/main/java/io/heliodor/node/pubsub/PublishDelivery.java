package io.heliodor.node.pubsub;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.codec.Decoded;
import io.heliodor.counter.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Subscribers;
import java.util.Optional;

/** Delivers the messages that other nodes published to the subscribers of this node. */
final class PublishDelivery implements DeliveryQueue.Receiver {
    private final ClusterPubSub pubsub;
    private final Codecs codecs;
    private final EnumCounters<NodeCounter> counters;

    PublishDelivery(ClusterPubSub pubsub, Codecs codecs, EnumCounters<NodeCounter> counters) {
        this.pubsub = pubsub;
        this.codecs = codecs;
        this.counters = counters;
    }

    @Override
    public void deliver(Publish publish, String correlation) {
        Subscribers subscribers = pubsub.subscribers(publish.address());
        Topic<?> topic = subscribers.topic();
        if (topic == null) {
            return;
        }
        Optional<Correlation.Scope> scope = Correlation.resume(correlation);
        try {
            read(topic, publish.value())
                    .ifPresentOrElse(subscribers::deliver, () -> counters.increment(NodeCounter.PUBLISH_UNREADABLE));
        } finally {
            scope.ifPresent(Correlation.Scope::close);
        }
    }

    @Override
    public boolean isPrompt(Publish publish) {
        return pubsub.subscribers(publish.address()).isPrompt();
    }

    /** Prompt subscribers have formats of their own, and no codecs of users. */
    @Override
    public boolean deliverNow(Publish publish, String correlation) {
        Subscribers subscribers = pubsub.subscribers(publish.address());
        Topic<?> topic = subscribers.topic();
        if (topic == null) {
            return true;
        }
        if (!subscribers.isPrompt()) {
            return false;
        }
        Optional<Correlation.Scope> scope = Correlation.resume(correlation);
        try {
            Optional<?> message = read(topic, publish.value());
            if (message.isEmpty()) {
                counters.increment(NodeCounter.PUBLISH_UNREADABLE);
                return true;
            }
            return subscribers.deliverNow(message.get());
        } finally {
            scope.ifPresent(Correlation.Scope::close);
        }
    }

    private Optional<?> read(Topic<?> topic, byte[] value) {
        return topic.format().isPresent()
                ? topic.format().get().read(value)
                : decode(codecs.any(topic.type().type()), value);
    }

    private static Optional<?> decode(Codec<?> codec, byte[] value) {
        return switch (codec.decode(value)) {
            case Decoded.Value<?>(Object message) -> Optional.of(message);
            case Decoded.Refused<?> _ -> Optional.empty();
        };
    }
}
