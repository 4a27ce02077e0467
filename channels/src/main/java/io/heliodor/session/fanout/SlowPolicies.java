package io.heliodor.session.fanout;

import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Slow;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The slow policies of one channel's events, for lagging clients. Equal for all channels of one definition.
 *
 * @param byEvent the policies by the names of their events
 */
public record SlowPolicies(Map<String, Slow<?>> byEvent) {
    /** Of a channel without slow policies. */
    public static final SlowPolicies NONE = new SlowPolicies(Map.of());

    public static SlowPolicies of(ChannelDefinition<?, ?> channel) {
        return channel.slow().isEmpty() ? NONE : new SlowPolicies(channel.slow());
    }

    public boolean isEmpty() {
        return byEvent.isEmpty();
    }

    /**
     * The slow delivery of a message; null for an ordinary one. It computes the key by user code: on the publisher's thread,
     * without a lock.
     */
    @Nullable
    public SlowDelivery deliveryOf(String topic, Broadcast broadcast, TopicParts parts) {
        Slow<?> slow = byEvent.get(broadcast.event());
        if (slow == null || slow.event().isBinary() != broadcast.payload() instanceof Payload.Binary) {
            return null;
        }
        return slowDelivery(slow, topic, broadcast, parts);
    }

    private static <T> @Nullable SlowDelivery slowDelivery(
            Slow<T> slow, String topic, Broadcast broadcast, TopicParts parts) {
        return switch (slow.policy()) {
            case SlowPolicy.Drop<T> drop -> SlowDelivery.Dropped.DROPPED;
            case SlowPolicy.Latest<T> latest -> {
                try {
                    yield new SlowDelivery.Latest(
                            topic, broadcast.event(), key(slow, latest, broadcast, parts.codec()));
                } catch (Throwable e) {
                    parts.failures()
                            .error(
                                    "The key of '" + broadcast.event() + "' on " + ControlCharacters.escaped(topic),
                                    e,
                                    () -> "cannot be computed; it waits as any other.");
                    yield null;
                }
            }
        };
    }

    private static <T> Object key(Slow<T> slow, SlowPolicy.Latest<T> latest, Broadcast broadcast, PayloadCodec codec) {
        T payload = switch (broadcast.as(slow.event().type(), codec)) {
            case PayloadOutcome.Valid<T>(var value) -> value;
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw new IllegalArgumentException("A broadcast of '" + broadcast.event() + "' does not fit the type "
                        + slow.event().type() + " of its policy for slow clients: " + field + " " + message);
        };
        Object key = latest.key().apply(payload);
        if (key == null) {
            throw new IllegalStateException(
                    "The key of '" + broadcast.event() + "' is null; return a value, such as" + " an id.");
        }
        return key;
    }
}
