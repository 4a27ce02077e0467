package io.heliodor.wire;

import static io.heliodor.wire.Bytes.put;
import static io.heliodor.wire.Bytes.utf8;

import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonString;
import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;

/**
 * Version 2.0.0 of the protocol with two more kinds of binary messages for supabase-js: kind 3 for broadcasts from its users, and kind 4 for
 * binary broadcasts to them.
 *
 * <p>For the server both are the event {@code broadcast}. A JSON broadcast is decoded to a payload
 * {@code {"type":"broadcast","event","payload"}}, with {@code "meta"} if the client sent metadata. It is encoded as a normal text message.
 * A binary broadcast is decoded to a binary payload: one byte each for the lengths of name and metadata, the name of the user's event, the
 * metadata as JSON, and the bytes. Such a payload is encoded as kind 4. Another binary payload of the event {@code broadcast} is
 * {@link #UNSUPPORTED}, since supabase-js could not read it.
 */
public final class SupabaseSerializer extends V2Serializer {
    private static final int USER_BROADCAST_PUSH = 3;
    private static final int USER_BROADCAST = 4;
    private static final int HEADER = 7;
    private static final int OUT_HEADER = 5;
    private static final int LENGTHS = 2;
    private static final int BYTES = 0;
    private static final int JSON = 1;
    private static final String BROADCAST = "broadcast";

    private static final byte[] TYPE_AND_EVENT = utf8("{\"type\":\"broadcast\",\"event\":");
    private static final byte[] PAYLOAD_IS = utf8(",\"payload\":");
    private static final byte[] META_IS = utf8(",\"meta\":");

    /** A serializer; one is enough. */
    public SupabaseSerializer() {}

    @Override
    public FrameOutcome decodeBinary(byte[] message, int from, int to) {
        if (to - from < HEADER || message[from] != USER_BROADCAST_PUSH) {
            return super.decodeBinary(message, from, to);
        }
        int joinRef = from + HEADER;
        int ref = joinRef + (message[from + 1] & 0xff);
        int topic = ref + (message[from + 2] & 0xff);
        int event = topic + (message[from + 3] & 0xff);
        int meta = event + (message[from + 4] & 0xff);
        int content = meta + (message[from + 5] & 0xff);
        if (content > to || !areNames(message, joinRef, ref, topic, event, meta)) {
            return new Malformed(Fault.BAD_BINARY);
        }
        long metaEnd = meta(message, meta, content);
        long end = content(message[from + 6], message, content, to);
        if (metaEnd < 0 || end < 0) {
            return new Malformed(Fault.BAD_BINARY);
        }
        Frame frame = new Frame(
                binaryRef(message, joinRef, ref),
                binaryRef(message, ref, topic),
                utf8(message, topic, event),
                BROADCAST,
                message[from + 6] == JSON
                        ? json(utf8(message, event, meta), message, meta, content, to)
                        : binary(message, event, meta, content, to));
        return FrameFields.within(frame, JsonScanner.exceeded(metaEnd) == null ? end : metaEnd);
    }

    /** The end of bytes or of one JSON value, or a fault. */
    private static long content(byte encoding, byte[] message, int from, int to) {
        return encoding == BYTES ? to : encoding == JSON ? json(message, from, to) : JsonScanner.NOT_JSON;
    }

    /** The end of metadata, which is empty or an object, or a fault. */
    private static long meta(byte[] message, int from, int to) {
        return from == to ? to : message[from] == '{' ? json(message, from, to) : JsonScanner.NOT_JSON;
    }

    /**
     * The end of a range that is exactly one JSON value, or a fault. Its depth counts from the array of a frame and the object of its
     * payload.
     */
    private static long json(byte[] message, int from, int to) {
        long end = JsonScanner.value(message, JsonScanner.start(from), to, 2);
        return end < 0 || JsonScanner.at(end) == to ? end : JsonScanner.NOT_JSON;
    }

    private static Payload.Json json(String event, byte[] message, int meta, int content, int to) {
        boolean hasMeta = content - meta > 2; // more than {}
        int length = TYPE_AND_EVENT.length + JsonString.quotedLength(event) + PAYLOAD_IS.length + to - content + 1;
        byte[] json = new byte[length + (hasMeta ? META_IS.length + content - meta : 0)];
        int at = JsonString.quote(event, json, put(TYPE_AND_EVENT, json, 0));
        at = put(message, content, to, json, put(PAYLOAD_IS, json, at));
        if (hasMeta) {
            at = put(message, meta, content, json, put(META_IS, json, at));
        }
        json[at] = '}';
        return new Payload.Json(json, 0, json.length);
    }

    private static Payload.Binary binary(byte[] message, int event, int meta, int content, int to) {
        byte[] bytes = new byte[LENGTHS + to - event];
        bytes[0] = (byte) (meta - event);
        bytes[1] = (byte) (content - meta);
        put(message, event, to, bytes, LENGTHS);
        return new Payload.Binary(bytes, 0, bytes.length);
    }

    @Override
    public byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload) {
        return payload instanceof Payload.Binary binary && event.equals(BROADCAST)
                ? userBroadcast(topic, binary)
                : super.push(joinRef, ref, topic, event, payload);
    }

    @Override
    public byte[] broadcast(Ref ref, String topic, String event, Payload payload) {
        return payload instanceof Payload.Binary binary && event.equals(BROADCAST)
                ? userBroadcast(topic, binary)
                : super.broadcast(ref, topic, event, payload);
    }

    private static boolean isInvalid(long end) {
        return end < 0 || JsonScanner.exceeded(end) != null;
    }

    private static byte[] userBroadcast(String name, Payload.Binary payload) {
        byte[] bytes = payload.bytes();
        int event = payload.from() + LENGTHS;
        if (payload.length() < LENGTHS) {
            return UNSUPPORTED;
        }
        int meta = event + (bytes[payload.from()] & 0xff);
        int content = meta + (bytes[payload.from() + 1] & 0xff);
        // The payload may come from other clients than supabase-js, or from the server.
        if (content > payload.to() || !Utf8.valid(bytes, event, meta) || isInvalid(meta(bytes, meta, content))) {
            return UNSUPPORTED;
        }
        byte[] topic = utf8(name);
        byte[] message = new byte[OUT_HEADER + topic.length + payload.to() - event];
        message[0] = USER_BROADCAST;
        message[1] = length(topic);
        message[2] = bytes[payload.from()];
        message[3] = bytes[payload.from() + 1];
        message[4] = BYTES;
        put(bytes, event, payload.to(), message, put(topic, message, OUT_HEADER));
        return message;
    }
}
