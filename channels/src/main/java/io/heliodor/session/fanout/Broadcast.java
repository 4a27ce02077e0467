package io.heliodor.session.fanout;

import io.heliodor.history.CausalStamp;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A message to the members of a topic, as the pub/sub carries it.
 *
 * @param event the name of the event
 * @param payload its payload as JSON
 * @param value its payload as it was given; for intercepts and keys on this node
 * @param except the member that does not get it
 * @param stamp its place in the order of a topic that has a history
 * @param publisher the endpoint, compared by identity, that published it when it did not have the topic; null if it had, and on other nodes
 */
public record Broadcast(
        String event,
        Payload payload,
        @Nullable Object value,
        @Nullable Recipient except,
        @Nullable CausalStamp stamp,
        @Nullable Object publisher) {
    public Broadcast(String event, Payload payload, @Nullable Object value, @Nullable Recipient except) {
        this(event, payload, value, except, null, null);
    }

    /** Whether it has changes of presences. Clients that join get them with {@code presence_state}. */
    boolean isPresenceDiff() {
        return event.equals("presence_diff");
    }

    /** The same with its place in the order. */
    public Broadcast with(CausalStamp place) {
        return new Broadcast(event, payload, value, except, place, publisher);
    }

    /** The same, published by an endpoint that does not have the topic. */
    Broadcast by(Object endpoint) {
        return new Broadcast(event, payload, value, except, stamp, endpoint);
    }

    /** The payload as a type: the value that was given, if it is one of these, else what its JSON is read as. */
    @SuppressWarnings("unchecked") // checked against the class; what is generic is read from its JSON
    public <T> PayloadOutcome<T> as(Type<T> type, PayloadCodec codec) {
        if (type.type() instanceof Class<?> raw && raw.isInstance(value)) {
            return new PayloadOutcome.Valid<>((T) value);
        }
        return codec.decode(type, payload);
    }
}
