package io.heliodor.wire;

import static io.heliodor.event.json.JsonScanner.at;
import static io.heliodor.event.json.JsonScanner.mark;
import static io.heliodor.event.json.JsonScanner.space;
import static io.heliodor.event.json.JsonScanner.value;
import static io.heliodor.wire.Bytes.put;
import static io.heliodor.wire.Bytes.utf8;

import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonString;
import io.heliodor.wire.Malformed.Fault;
import java.util.Arrays;

/**
 * Version 1.0.0 of the protocol: text messages {@code {"topic", "event", "payload", "ref"}}, to which clients may add a
 * {@code join_ref}. It has no binary messages.
 *
 * <p>Of a repeated key the last one is used. Other keys are ignored, but their values must be JSON. Encoded messages are compact and have no
 * {@code join_ref}.
 */
public final class V1Serializer implements Serializer {
    private static final int TOPIC = 0;
    private static final int EVENT = 1;
    private static final int PAYLOAD = 2;
    private static final int REF = 3;
    private static final int JOIN_REF = 4;
    private static final byte[][] KEYS = {utf8("topic"), utf8("event"), utf8("payload"), utf8("ref"), utf8("join_ref")};
    private static final int OTHER = KEYS.length;

    private static final byte[] TOPIC_IS = utf8("{\"topic\":");
    private static final byte[] EVENT_IS = utf8(",\"event\":");
    private static final byte[] PAYLOAD_IS = utf8(",\"payload\":");
    private static final byte[] REPLY = utf8(",\"event\":\"phx_reply\",\"payload\":{\"status\":");
    private static final byte[] RESPONSE = utf8(",\"response\":");
    private static final byte[] REF_IS = utf8(",\"ref\":");

    /** A serializer, which may be shared. */
    public V1Serializer() {}

    @Override
    public boolean carriesJoinRef() {
        return false;
    }

    @Override
    public FrameOutcome decodeText(byte[] message, int from, int to) {
        // The cursors at which the value of each key begins and ends. No value begins at 0, which is the place of the
        // brace.
        long[] begin = new long[KEYS.length + 1];
        long[] end = new long[KEYS.length + 1];
        long next = space(message, mark(message, space(message, JsonScanner.start(from), to), to, '{'), to);
        if (!isAt(message, next, to, '}')) {
            while (true) {
                long value = JsonScanner.key(message, next, to);
                long after = value(message, value, to, 1);
                if (after < 0) {
                    return FrameFields.malformed(message, from, to);
                }
                int key = key(message, next, value);
                begin[key] = value;
                end[key] = after;
                next = space(message, after, to);
                if (!isAt(message, next, to, ',')) {
                    break;
                }
                next = space(message, next + 1, to);
            }
        }
        long close = space(message, mark(message, next, to, '}'), to);
        return close < 0 || at(close) != to
                ? FrameFields.malformed(message, from, to)
                : frame(message, begin, end, close);
    }

    private static boolean isAt(byte[] message, long cursor, int to, char mark) {
        return cursor >= 0 && at(cursor) < to && message[at(cursor)] == mark;
    }

    /** The index of the key before a value. */
    private static int key(byte[] message, long key, long value) {
        int from = at(key) + 1;
        int to = JsonString.end(message, from);
        byte[] text = message;
        if (JsonScanner.escaped(key, value)) {
            text = utf8(JsonString.unescaped(message, from, to));
            from = 0;
            to = text.length;
        }
        int which = 0;
        while (which < OTHER && !Arrays.equals(text, from, to, KEYS[which], 0, KEYS[which].length)) {
            which++;
        }
        return which;
    }

    private static FrameOutcome frame(byte[] message, long[] begin, long[] end, long close) {
        if (begin[TOPIC] == 0 || begin[EVENT] == 0 || begin[PAYLOAD] == 0 || begin[REF] == 0) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        boolean joinRef = begin[JOIN_REF] != 0;
        if (!FrameFields.isRef(message, begin[REF], end[REF])
                || (joinRef && !FrameFields.isRef(message, begin[JOIN_REF], end[JOIN_REF]))) {
            return new Malformed(Fault.BAD_REF);
        }
        if (!FrameFields.isString(message, begin[TOPIC]) || !FrameFields.isString(message, begin[EVENT])) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        Frame frame = new Frame(
                joinRef ? FrameFields.ref(message, begin[JOIN_REF], end[JOIN_REF]) : Ref.NULL,
                FrameFields.ref(message, begin[REF], end[REF]),
                FrameFields.string(message, begin[TOPIC], end[TOPIC]),
                FrameFields.string(message, begin[EVENT], end[EVENT]),
                FrameFields.json(message, begin[PAYLOAD], end[PAYLOAD]));
        return FrameFields.within(frame, close);
    }

    @Override
    public FrameOutcome decodeBinary(byte[] message, int from, int to) {
        return new Malformed(Fault.BAD_BINARY);
    }

    @Override
    public byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response) {
        if (!(response instanceof Payload.Json json)) {
            return UNSUPPORTED;
        }
        int middle = REPLY.length + JsonString.quotedLength(status) + RESPONSE.length + json.length() + 1;
        byte[] message = new byte[length(topic, ref) + middle];
        int at = put(REPLY, message, head(topic, message));
        at = put(RESPONSE, message, JsonString.quote(status, message, at));
        at = put(json, message, at);
        message[at++] = '}';
        return tail(ref, message, at);
    }

    @Override
    public byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload) {
        return broadcast(ref, topic, event, payload);
    }

    @Override
    public byte[] broadcast(Ref ref, String topic, String event, Payload payload) {
        if (!(payload instanceof Payload.Json json)) {
            return UNSUPPORTED;
        }
        int middle = EVENT_IS.length + JsonString.quotedLength(event) + PAYLOAD_IS.length + json.length();
        byte[] message = new byte[length(topic, ref) + middle];
        int at = put(EVENT_IS, message, head(topic, message));
        at = put(PAYLOAD_IS, message, JsonString.quote(event, message, at));
        return tail(ref, message, put(json, message, at));
    }

    @Override
    public Envelope envelope(Ref joinRef, Ref ref, String topic, String event) {
        byte[] head = new byte
                [TOPIC_IS.length
                        + JsonString.quotedLength(topic)
                        + EVENT_IS.length
                        + JsonString.quotedLength(event)
                        + PAYLOAD_IS.length];
        put(PAYLOAD_IS, head, JsonString.quote(event, head, put(EVENT_IS, head, head(topic, head))));
        return new Envelope(head, tail(ref, new byte[REF_IS.length + ref.json().length + 1], 0));
    }

    private static int length(String topic, Ref ref) {
        return TOPIC_IS.length + JsonString.quotedLength(topic) + REF_IS.length + ref.json().length + 1;
    }

    private static int head(String topic, byte[] message) {
        return JsonString.quote(topic, message, put(TOPIC_IS, message, 0));
    }

    private static byte[] tail(Ref ref, byte[] message, int at) {
        message[put(ref.json(), message, put(REF_IS, message, at))] = '}';
        return message;
    }
}
