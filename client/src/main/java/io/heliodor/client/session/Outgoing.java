package io.heliodor.client.session;

import io.heliodor.client.wire.FrameEncoder;
import io.heliodor.client.wire.Message;
import io.heliodor.client.wire.Payload;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A frame that waits for its turn: a push or a call of a channel, or a frame of the protocol itself. */
final class Outgoing {
    /** The sender of pushes and calls. */
    interface Source {
        String topic();
    }

    private final @Nullable Source source;
    private final @Nullable Consumer<String> onSent;
    private final String topic;
    private final String event;
    private final Payload payload;
    private final int reserved;
    private final long expiresAt;
    private @Nullable String joinRef;
    private @Nullable String ref;

    private Outgoing(
            @Nullable Source source,
            @Nullable Consumer<String> onSent,
            String topic,
            String event,
            Payload payload,
            int reserved,
            long expiresAt) {
        this.source = source;
        this.onSent = onSent;
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
    static Outgoing push(Source source, String event, Payload payload, int reserved, long expiresAt) {
        return new Outgoing(source, null, source.topic(), event, payload, reserved, expiresAt);
    }

    /** The request of a call, which has a deadline of its own, and gets the reference with which it is sent. */
    static Outgoing call(Source source, Consumer<String> onSent, String event, Payload payload, int reserved) {
        return new Outgoing(source, onSent, source.topic(), event, payload, reserved, Long.MAX_VALUE);
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
        return FrameEncoder.write(joinRef, ref, topic, event, payload);
    }

    /** It was handed to the socket. */
    void sent() {
        if (onSent != null && ref != null) {
            onSent.accept(ref);
        }
    }

    @Nullable
    Source source() {
        return source;
    }

    boolean isPush() {
        return source != null && onSent == null;
    }

    int reserved() {
        return reserved;
    }

    long expiresAt() {
        return expiresAt;
    }
}
