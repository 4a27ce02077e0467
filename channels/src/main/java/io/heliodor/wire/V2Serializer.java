package io.heliodor.wire;

import static io.heliodor.event.json.JsonScanner.at;
import static io.heliodor.event.json.JsonScanner.mark;
import static io.heliodor.event.json.JsonScanner.space;
import static io.heliodor.event.json.JsonScanner.value;
import static io.heliodor.wire.Bytes.put;
import static io.heliodor.wire.Bytes.utf8;

import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonString;
import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;

/**
 * Version 2.0.0 of the protocol: text messages {@code [join_ref, ref, topic, event, payload]}, and binary pushes, replies and broadcasts.
 *
 * <p>Encoded messages are compact, since some clients split a message at its commas instead of parsing it. A topic or an event with quotes,
 * backslashes or control characters is written with escape sequences, which such clients cannot read.
 */
public sealed class V2Serializer implements Serializer permits V2TextSerializer, SupabaseSerializer {
    private static final int BINARY_PUSH = 0;
    private static final int BINARY_REPLY = 1;
    private static final int BINARY_BROADCAST = 2;
    private static final int MAX_NAME_BYTES = 255;
    private static final int BINARY_HEADER = 5;

    private static final byte[] REPLY = utf8(",\"phx_reply\",{\"status\":");
    private static final byte[] RESPONSE = utf8(",\"response\":");

    /** A serializer, which may be shared. */
    public V2Serializer() {}

    @Override
    public FrameOutcome decodeText(byte[] message, int from, int to) {
        return decodeText(message, from, to, FrameFields.MAX_REF);
    }

    /**
     * Decodes a text message of a server, for a client. Its ref may be the token of a history, which is longer than a ref of a client.
     *
     * @param message the message
     * @return the result
     */
    public static FrameOutcome decodeServerText(byte[] message) {
        return decodeText(message, 0, message.length, message.length);
    }

    private static FrameOutcome decodeText(byte[] message, int from, int to, int maxRef) {
        // A fault passes through this chain of cursors to its end.
        long joinRef = space(message, mark(message, space(message, JsonScanner.start(from), to), to, '['), to);
        long joinRefEnd = value(message, joinRef, to, 1);
        long ref = next(message, joinRefEnd, to);
        long refEnd = value(message, ref, to, 1);
        long topic = next(message, refEnd, to);
        long topicEnd = value(message, topic, to, 1);
        long event = next(message, topicEnd, to);
        long eventEnd = value(message, event, to, 1);
        long payload = next(message, eventEnd, to);
        long payloadEnd = value(message, payload, to, 1);
        if (!closes(message, payloadEnd, to)) {
            return FrameFields.malformed(message, from, to);
        }
        if (!FrameFields.isRef(message, joinRef, joinRefEnd, maxRef)
                || !FrameFields.isRef(message, ref, refEnd, maxRef)) {
            return new Malformed(Fault.BAD_REF);
        }
        if (!FrameFields.isString(message, topic) || !FrameFields.isString(message, event)) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        Frame frame = new Frame(
                FrameFields.ref(message, joinRef, joinRefEnd),
                FrameFields.ref(message, ref, refEnd),
                FrameFields.string(message, topic, topicEnd),
                FrameFields.string(message, event, eventEnd),
                FrameFields.json(message, payload, payloadEnd));
        return FrameFields.within(frame, payloadEnd);
    }

    /** A cursor at the next element of an array, after the end of one. */
    private static long next(byte[] message, long end, int to) {
        return space(message, mark(message, space(message, end, to), to, ','), to);
    }

    /** Whether the array ends after its fifth element, or after further ones that are ignored, and is the whole message. */
    private static boolean closes(byte[] message, long fifth, int to) {
        long end = space(message, fifth, to);
        while (end >= 0 && at(end) < to && message[at(end)] == ',') {
            end = space(message, value(message, next(message, end, to), to, 1), to);
        }
        long close = space(message, mark(message, end, to, ']'), to);
        return close >= 0 && at(close) == to;
    }

    @Override
    public FrameOutcome decodeBinary(byte[] message, int from, int to) {
        if (to - from < BINARY_HEADER || message[from] != BINARY_PUSH) {
            return new Malformed(Fault.BAD_BINARY);
        }
        int joinRef = from + BINARY_HEADER;
        int ref = joinRef + (message[from + 1] & 0xff);
        int topic = ref + (message[from + 2] & 0xff);
        int event = topic + (message[from + 3] & 0xff);
        int payload = event + (message[from + 4] & 0xff);
        if (payload > to || !areNames(message, joinRef, ref, topic, event, payload)) {
            return new Malformed(Fault.BAD_BINARY);
        }
        return new Frame(
                binaryRef(message, joinRef, ref),
                binaryRef(message, ref, topic),
                utf8(message, topic, event),
                utf8(message, event, payload),
                new Payload.Binary(message, payload, to));
    }

    /** Whether each range between two indexes is UTF-8: no character may begin in one name and end in the next. */
    static boolean areNames(byte[] message, int... bounds) {
        for (int i = 1; i < bounds.length; i++) {
            if (!Utf8.valid(message, bounds[i - 1], bounds[i])) {
                return false;
            }
        }
        return true;
    }

    static Ref binaryRef(byte[] message, int from, int to) {
        return from == to ? Ref.NULL : Ref.of(utf8(message, from, to));
    }

    @Override
    public byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response) {
        return switch (response) {
            case Payload.Json json -> reply(joinRef, ref, topic, status, json);
            case Payload.Binary binary ->
                binary(BINARY_REPLY, binary, joinRef.text(), ref.text(), utf8(topic), utf8(status));
        };
    }

    private static byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload.Json response) {
        int tail = REPLY.length + JsonString.quotedLength(status) + RESPONSE.length + response.length() + 2;
        byte[] message = new byte[headLength(joinRef, ref, topic) + tail];
        int at = put(REPLY, message, head(joinRef, ref, topic, message));
        at = put(RESPONSE, message, JsonString.quote(status, message, at));
        at = put(response, message, at);
        message[at] = '}';
        message[at + 1] = ']';
        return message;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the payload is JSON but not an object
     */
    @Override
    public byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload) {
        return switch (payload) {
            case Payload.Json json -> push(joinRef, ref, topic, event, json);
            case Payload.Binary binary -> binary(BINARY_PUSH, binary, joinRef.text(), utf8(topic), utf8(event));
        };
    }

    private static byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload.Json payload) {
        if (!payload.isObject()) {
            throw new IllegalArgumentException("The payload of '" + event + "' on '" + topic
                    + "' is not a JSON object; clients read nothing else: wrap the value in a record or a map.");
        }
        byte[] message = new byte
                [headLength(joinRef, ref, topic) + 1 + JsonString.quotedLength(event) + 1 + payload.length() + 1];
        int at = head(joinRef, ref, topic, message);
        message[at++] = ',';
        at = JsonString.quote(event, message, at);
        message[at++] = ',';
        message[put(payload, message, at)] = ']';
        return message;
    }

    @Override
    public Envelope envelope(Ref joinRef, Ref ref, String topic, String event) {
        byte[] head = new byte[headLength(joinRef, ref, topic) + 1 + JsonString.quotedLength(event) + 1];
        int at = head(joinRef, ref, topic, head);
        head[at++] = ',';
        head[JsonString.quote(event, head, at)] = ',';
        return new Envelope(head, new byte[] {']'});
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the payload is JSON but not an object
     */
    @Override
    public byte[] broadcast(Ref ref, String topic, String event, Payload payload) {
        return switch (payload) {
            case Payload.Json json -> push(Ref.NULL, ref, topic, event, json);
            case Payload.Binary binary -> binary(BINARY_BROADCAST, binary, utf8(topic), utf8(event));
        };
    }

    /** A binary message: the kind, the length of each name in one byte, the names, and the bytes. */
    byte[] binary(int kind, Payload.Binary payload, byte[]... names) {
        int size = 1 + names.length + payload.length();
        for (byte[] name : names) {
            size += name.length;
        }
        byte[] message = new byte[size];
        message[0] = (byte) kind;
        int at = 1;
        for (byte[] name : names) {
            message[at++] = length(name);
        }
        for (byte[] name : names) {
            at = put(name, message, at);
        }
        put(payload, message, at);
        return message;
    }

    /** The length of a name as one byte. */
    static byte length(byte[] name) {
        if (name.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("'" + utf8(name, 0, name.length) + "' has " + name.length
                    + " bytes; a binary message holds names of at most 255.");
        }
        return (byte) name.length;
    }

    private static int headLength(Ref joinRef, Ref ref, String topic) {
        return joinRef.json().length + ref.json().length + JsonString.quotedLength(topic) + 3;
    }

    private static int head(Ref joinRef, Ref ref, String topic, byte[] message) {
        message[0] = '[';
        int at = put(joinRef.json(), message, 1);
        message[at++] = ',';
        at = put(ref.json(), message, at);
        message[at++] = ',';
        return JsonString.quote(topic, message, at);
    }
}
