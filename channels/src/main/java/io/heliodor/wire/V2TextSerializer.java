package io.heliodor.wire;

/**
 * Version 2.0.0 of the wire for a transport that carries no binary messages to the client, such as long polling: what is
 * binary is {@link #UNSUPPORTED}. Binary messages of the client are read as ever.
 */
public final class V2TextSerializer extends V2Serializer {
    /** A serializer; one is enough. */
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
