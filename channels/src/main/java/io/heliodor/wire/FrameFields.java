package io.heliodor.wire;

import static io.heliodor.wire.JsonScanner.at;

import io.heliodor.wire.Malformed.Fault;

/** What {@link JsonScanner} has found between two cursors, as a part of a frame. */
final class FrameFields {
    /** Bytes of JSON text: as much as the one byte that holds a length in a binary message can say. */
    static final int MAX_REF = 255;

    private FrameFields() {}

    /** What is wrong with a message that is no frame: looked for in all of it, the good path pays nothing for it. */
    static Malformed malformed(byte[] message, int from, int to) {
        if (!Utf8.valid(message, from, to)) {
            return new Malformed(Fault.NOT_UTF8);
        }
        return new Malformed(JsonScanner.text(message, from, to) < 0 ? Fault.NOT_JSON : Fault.NOT_A_FRAME);
    }

    static boolean isRef(byte[] message, long value, long end) {
        byte first = message[at(value)];
        return first != '{' && first != '[' && at(end) - at(value) <= MAX_REF;
    }

    static Ref ref(byte[] message, long value, long end) {
        return JsonScanner.escaped(value, end)
                ? Ref.of(string(message, value, end)) // so that refs that mean the same are the same
                : Ref.of(message, at(value), at(end));
    }

    static boolean isString(byte[] message, long value) {
        return message[at(value)] == '"';
    }

    static String string(byte[] message, long value, long end) {
        int from = at(value) + 1;
        int to = at(end) - 1;
        return JsonScanner.escaped(value, end)
                ? JsonString.unescaped(message, from, to)
                : Bytes.utf8(message, from, to);
    }

    static Payload.Json json(byte[] message, long value, long end) {
        return new Payload.Json(message, at(value), at(end));
    }
}
