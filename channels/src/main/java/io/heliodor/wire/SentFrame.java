package io.heliodor.wire;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A message of the server, read again from its bytes.
 *
 * @param ref the ref; {@link Ref#NULL} without one
 * @param topic the topic
 * @param event the name of the event
 * @param status {@code ok} or {@code error} for a reply; else empty
 * @param payload the payload; for a reply its response
 */
public record SentFrame(Ref ref, String topic, String event, String status, Payload payload) {
    private static final String REPLY_EVENT = "phx_reply";

    private static final byte[] STATUS_IS = Bytes.utf8("{\"status\":\"");
    private static final byte[] RESPONSE_IS = Bytes.utf8("\",\"response\":");

    private static final int PUSH = 0;
    private static final int REPLY = 1;
    private static final int BROADCAST = 2;
    private static final int USER_BROADCAST = 4;

    /**
     * Reads a message that a serializer has encoded.
     *
     * @param serializer the serializer
     * @param message the message
     * @return the frame; empty if it is not one
     */
    public static Optional<SentFrame> read(Serializer serializer, byte[] message) {
        if (message.length == 0) {
            return Optional.empty();
        }
        if (Serializer.isBinary(message)) {
            return binary(message);
        }
        FrameOutcome decoded = serializer instanceof V2Serializer
                ? V2Serializer.decodeServerText(message)
                : serializer.decodeText(message, 0, message.length);
        return switch (decoded) {
            case Frame frame -> Optional.of(text(frame));
            case OverLimit(var frame, var _) -> Optional.of(text(frame)); // the limits are for clients
            case Malformed _ -> Optional.empty();
        };
    }

    private static SentFrame text(Frame frame) {
        Payload payload = frame.payload();
        byte[] bytes = payload.bytes();
        int status = payload.from() + STATUS_IS.length;
        if (!frame.event().equals(REPLY_EVENT) || status > payload.to()) {
            return new SentFrame(frame.ref(), frame.topic(), frame.event(), "", payload);
        }
        int end = status;
        while (end < payload.to() && bytes[end] != '"') {
            end++;
        }
        int response = Math.min(end + RESPONSE_IS.length, payload.to());
        return new SentFrame(
                frame.ref(),
                frame.topic(),
                REPLY_EVENT,
                new String(bytes, status, end - status, StandardCharsets.UTF_8),
                new Payload.Json(bytes, response, Math.max(response, payload.to() - 1)));
    }

    /** A kind, the lengths of its names, the names, and the bytes. */
    private static Optional<SentFrame> binary(byte[] message) {
        int names = switch (message[0]) {
            case PUSH -> 3;
            case REPLY -> 4;
            case BROADCAST -> 2;
            case USER_BROADCAST -> 1;
            default -> 0;
        };
        if (names == 0 || message.length < 1 + names) {
            return Optional.empty();
        }
        // That of supabase-js has the lengths of its own event and metadata, and a byte for their encoding.
        int at = message[0] == USER_BROADCAST ? 5 : 1 + names;
        String[] name = new String[names];
        for (int i = 0; i < names; i++) {
            int end = at + (message[1 + i] & 0xff);
            if (end > message.length) {
                return Optional.empty();
            }
            name[i] = Bytes.utf8(message, at, end);
            at = end;
        }
        Payload payload = new Payload.Binary(message, at, message.length);
        return Optional.of(
                switch (message[0]) {
                    case PUSH -> new SentFrame(Ref.NULL, name[1], name[2], "", payload);
                    case REPLY -> new SentFrame(Ref.of(name[1]), name[2], REPLY_EVENT, name[3], payload);
                    case BROADCAST -> new SentFrame(Ref.NULL, name[0], name[1], "", payload);
                    default -> new SentFrame(Ref.NULL, name[0], "broadcast", "", payload);
                });
    }
}
