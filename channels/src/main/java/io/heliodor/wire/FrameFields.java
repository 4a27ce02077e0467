package io.heliodor.wire;

import static io.heliodor.event.json.JsonScanner.at;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonString;
import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the fields of a frame between two cursors of {@link JsonScanner}. */
final class FrameFields {
    /** The maximum size of the text of a client's ref, without quotes: that of a length of one byte in a binary message. */
    static final int MAX_REF = 255;

    /** The maximum size of an escape sequence, which stands for at least one byte. */
    private static final int MAX_ESCAPE = 6;

    /** The maximum of texts and white space around a small payload; a message with more of them is not kept for it. */
    private static final int MAX_IGNORED = 1_024;

    private FrameFields() {}

    /** A frame, or one beyond the limits that were exceeded before the cursor at its end. */
    static FrameOutcome within(Frame frame, long end) {
        JsonLimit limit = JsonScanner.exceeded(end);
        return limit == null ? frame : new OverLimit(frame, limit);
    }

    /** The reason why a message is not a frame. It scans the message again, so that valid messages do not pay for it. */
    static Malformed malformed(byte[] message, int from, int to) {
        if (!Utf8.valid(message, from, to)) {
            return new Malformed(Fault.NOT_UTF8);
        }
        return new Malformed(JsonScanner.text(message, from, to) < 0 ? Fault.NOT_JSON : Fault.NOT_A_FRAME);
    }

    static boolean isRef(byte[] message, long value, long end) {
        return isRef(message, value, end, MAX_REF);
    }

    static boolean isRef(byte[] message, long value, long end, int max) {
        byte first = message[at(value)];
        if (first != '"') {
            return first != '{' && first != '[' && at(end) - at(value) <= max;
        }
        int length = at(end) - at(value) - 2;
        return JsonScanner.escaped(value, end)
                ? length <= (long) max * MAX_ESCAPE
                        && string(message, value, end).getBytes(StandardCharsets.UTF_8).length <= max
                : length <= max;
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

    /** A payload as a part of its message, or a copy if the message consists mostly of parts that are ignored. */
    static Payload.Json json(byte[] message, long value, long end) {
        int from = at(value);
        int to = at(end);
        int length = to - from;
        return message.length - length <= length + MAX_IGNORED
                ? new Payload.Json(message, from, to)
                : new Payload.Json(Arrays.copyOfRange(message, from, to), 0, length);
    }
}
