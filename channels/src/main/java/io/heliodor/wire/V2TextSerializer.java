package io.heliodor.wire;

/**
 * Version 2.0.0 of the protocol for a transport without binary messages to the client, such as long polling. Binary payloads are encoded as
 * {@link #UNSUPPORTED}; binary messages from the client are decoded.
 */
public final class V2TextSerializer extends V2Serializer {
    /** A serializer, which may be shared. */
    public V2TextSerializer() {}

    @Override
    byte[] binary(int kind, Payload.Binary payload, byte[]... names) {
        return UNSUPPORTED;
    }
}
