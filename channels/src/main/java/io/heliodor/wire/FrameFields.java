package io.heliodor.wire;

import static io.heliodor.wire.JsonScanner.at;

import io.heliodor.wire.Malformed.Fault;

/** Reads the fields of a frame between two cursors of {@link JsonScanner}. */
final class FrameFields {
    /** The maximum size of a ref as JSON text: that of a length of one byte in a binary message. */
    static final int MAX_REF = 255;

    private FrameFields() {}

    /** The reason why a message is not a frame. It scans the message again, so that valid messages do not pay for it. */
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
                ? Ref.of(string(message, value, end)) // so that equal refs have equal bytes
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
