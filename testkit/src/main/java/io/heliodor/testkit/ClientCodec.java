package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.wire.Frame;
import io.heliodor.wire.Malformed;
import io.heliodor.wire.OverLimit;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/** The client's side of the wire format, version 2.0.0: it encodes frames of clients and decodes frames of the server. */
final class ClientCodec {
    private static final int PUSH = 0;
    private static final int REPLY = 1;
    private static final int BROADCAST = 2;
    private static final byte[] STATUS = "{\"status\":\"".getBytes(UTF_8);
    private static final byte[] RESPONSE = "\",\"response\":".getBytes(UTF_8);

    /**
     * A frame of the server.
     *
     * @param joinRef the reference of the join; empty for a broadcast
     * @param ref the reference of the request for a reply; the position in a history for a broadcast
     * @param topic the topic
     * @param event the event; {@code phx_reply} for a reply
     * @param status the status of a reply
     * @param payload the payload, or the response of a reply
     */
    record ServerFrame(
            Optional<String> joinRef,
            Optional<String> ref,
            String topic,
            String event,
            Optional<String> status,
            Payload payload) {
        boolean is(String expected) {
            return status.isPresent() && status.get().equals(expected);
        }
    }

    private ClientCodec() {}

    /** Encodes a text message. */
    static byte[] text(Optional<String> joinRef, String ref, String topic, String event, Payload.Json payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('[');
        out.writeBytes(joinRef.map(ClientCodec::quoted).orElse(Ref.NULL.json()));
        for (String name : new String[] {ref, topic, event}) {
            out.write(',');
            out.writeBytes(quoted(name));
        }
        out.write(',');
        out.write(payload.bytes(), payload.from(), payload.length());
        out.write(']');
        return out.toByteArray();
    }

    private static byte[] quoted(String text) {
        return Ref.of(text).json();
    }

    /** Encodes a message with a binary payload. */
    static byte[] binary(String joinRef, String ref, String topic, String event, Payload.Binary payload) {
        byte[][] names = {joinRef.getBytes(UTF_8), ref.getBytes(UTF_8), topic.getBytes(UTF_8), event.getBytes(UTF_8)};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(PUSH);
        for (byte[] name : names) {
            out.write(name.length);
        }
        for (byte[] name : names) {
            out.writeBytes(name);
        }
        out.write(payload.bytes(), payload.from(), payload.length());
        return out.toByteArray();
    }

    /** Decodes a frame of the server. */
    static ServerFrame read(byte[] message) {
        return Serializer.isBinary(message) ? readBinary(message) : readText(message);
    }

    private static ServerFrame readText(byte[] message) {
        Frame frame = switch (V2Serializer.decodeServerText(message)) {
            case Frame within -> within;
            case OverLimit beyond -> beyond.frame(); // the limits are for clients
            case Malformed malformed ->
                throw new AssertionError("The server wrote a message that is not a frame, " + malformed.fault() + ": "
                        + new String(message, UTF_8));
        };
        Optional<String> joinRef = unquoted(frame.joinRef());
        Optional<String> ref = unquoted(frame.ref());
        if (!frame.event().equals("phx_reply") || !(frame.payload() instanceof Payload.Json json)) {
            return new ServerFrame(joinRef, ref, frame.topic(), frame.event(), Optional.empty(), frame.payload());
        }
        byte[] bytes = json.bytes();
        int status = json.from() + STATUS.length;
        int end = status;
        while (bytes[end] != '"') {
            end++;
        }
        Payload.Json response = new Payload.Json(bytes, end + RESPONSE.length, json.to() - 1);
        String statusText = new String(bytes, status, end - status, UTF_8);
        return new ServerFrame(joinRef, ref, frame.topic(), frame.event(), Optional.of(statusText), response);
    }

    /** A reference without quotes; those of test clients contain no escapes. */
    private static Optional<String> unquoted(Ref ref) {
        String text = ref.toString();
        return ref.isNull() ? Optional.empty() : Optional.of(text.substring(1, text.length() - 1));
    }

    private static ServerFrame readBinary(byte[] message) {
        int names = switch (message[0]) {
            case PUSH -> 3;
            case REPLY -> 4;
            case BROADCAST -> 2;
            default -> throw new AssertionError("The server wrote a binary message of kind " + message[0]);
        };
        String[] name = new String[names];
        int at = 1 + names;
        for (int i = 0; i < names; i++) {
            int length = message[1 + i] & 0xff;
            name[i] = new String(Arrays.copyOfRange(message, at, at + length), UTF_8);
            at += length;
        }
        Payload.Binary payload = new Payload.Binary(message, at, message.length);
        return switch (message[0]) {
            case PUSH ->
                new ServerFrame(Optional.of(name[0]), Optional.empty(), name[1], name[2], Optional.empty(), payload);
            case REPLY ->
                new ServerFrame(
                        Optional.of(name[0]),
                        Optional.of(name[1]),
                        name[2],
                        "phx_reply",
                        Optional.of(name[3]),
                        payload);
            default -> new ServerFrame(Optional.empty(), Optional.empty(), name[0], name[1], Optional.empty(), payload);
        };
    }
}
