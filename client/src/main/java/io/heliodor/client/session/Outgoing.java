package io.heliodor.client.session;

import io.heliodor.client.wire.FrameWriter;
import io.heliodor.client.wire.Message;
import io.heliodor.client.wire.Payload;
import org.jspecify.annotations.Nullable;

/** A frame that waits for its turn: a push or a call of a channel, or a frame of the protocol itself. */
final class Outgoing {
    private final @Nullable ChannelState channel;
    private final @Nullable PendingCall call;
    private final String topic;
    private final String event;
    private final Payload payload;
    private final int reserved;
    private final long expiresAt;
    private @Nullable String joinRef;
    private @Nullable String ref;

    private Outgoing(
            @Nullable ChannelState channel,
            @Nullable PendingCall call,
            String topic,
            String event,
            Payload payload,
            int reserved,
            long expiresAt) {
        this.channel = channel;
        this.call = call;
        this.topic = topic;
        this.event = event;
        this.payload = payload;
        this.reserved = reserved;
        this.expiresAt = expiresAt;
    }

    /** A frame of the protocol, which counts for no bound. */
    static Outgoing control(@Nullable String joinRef, String ref, String topic, String event, Payload payload) {
        Outgoing frame = new Outgoing(null, null, topic, event, payload, 0, Long.MAX_VALUE);
        frame.joinRef = joinRef;
        frame.ref = ref;
        return frame;
    }

    /** A push, which waits for its join until a time. */
    static Outgoing push(ChannelState channel, String event, Payload payload, int reserved, long expiresAt) {
        return new Outgoing(channel, null, channel.topic(), event, payload, reserved, expiresAt);
    }

    /** The request of a call, which has a deadline of its own. */
    static Outgoing call(ChannelState channel, PendingCall call, String event, Payload payload, int reserved) {
        return new Outgoing(channel, call, channel.topic(), event, payload, reserved, Long.MAX_VALUE);
    }

    /** Binds the frame to a membership. A reference is used once, so that a late reply to an earlier request is not taken for its reply. */
    void bind(@Nullable String membership, String reference) {
        joinRef = membership;
        ref = reference;
    }

    Message encode() {
        if (ref == null) {
            throw new IllegalStateException("A frame of '" + topic + "' is sent before it is bound to a membership.");
        }
        return FrameWriter.write(joinRef, ref, topic, event, payload);
    }

    @Nullable
    ChannelState channel() {
        return channel;
    }

    @Nullable
    PendingCall call() {
        return call;
    }

    boolean isPush() {
        return channel != null && call == null;
    }

    String event() {
        return event;
    }

    @Nullable
    String ref() {
        return ref;
    }

    int reserved() {
        return reserved;
    }

    long expiresAt() {
        return expiresAt;
    }
}
