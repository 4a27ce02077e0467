package io.heliodor.wire;

/**
 * Version 2.0.0 of the protocol for a transport without binary messages to the client, such as long polling. Binary payloads are encoded as
 * {@link #UNSUPPORTED}; binary messages from the client are decoded.
 */
public final class V2TextSerializer extends V2Serializer {
    /** A serializer, which may be shared. */
    public V2TextSerializer() {}

    @Override
    public byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response) {
        return response instanceof Payload.Binary ? UNSUPPORTED : super.reply(joinRef, ref, topic, status, response);
    }

    @Override
    public byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload) {
        return payload instanceof Payload.Binary ? UNSUPPORTED : super.push(joinRef, ref, topic, event, payload);
    }

    @Override
    public byte[] broadcast(Ref ref, String topic, String event, Payload payload) {
        return payload instanceof Payload.Binary ? UNSUPPORTED : super.broadcast(ref, topic, event, payload);
    }
}
