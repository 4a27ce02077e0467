package io.heliodor.client.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Encodes frames of a client. The caller has checked that names have 255 bytes at most and no control characters. */
public final class FrameEncoder {
    private static final int PUSH = 0;
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private FrameEncoder() {}

    /**
     * Encodes a frame: text for JSON, binary for bytes.
     *
     * @param joinRef the reference of the join; null for frames of the connection
     * @param ref the reference of the request
     * @param topic the topic
     * @param event the event
     * @param payload the payload
     * @return the message
     */
    public static Message write(@Nullable String joinRef, String ref, String topic, String event, Payload payload) {
        byte[] bytes = payload.isBinary()
                ? binary(joinRef == null ? "" : joinRef, ref, topic, event, payload)
                : text(joinRef, ref, topic, event, payload);
        return new Message(payload.isBinary(), Payload.binary(bytes, 0, bytes.length));
    }

    private static byte[] text(@Nullable String joinRef, String ref, String topic, String event, Payload payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length() + topic.length() + event.length() + 32);
        out.write('[');
        if (joinRef == null) {
            out.writeBytes(NULL);
        } else {
            quote(joinRef, out);
        }
        for (String name : new String[] {ref, topic, event}) {
            out.write(',');
            quote(name, out);
        }
        out.write(',');
        out.write(payload.array(), payload.from(), payload.length());
        out.write(']');
        return out.toByteArray();
    }

    private static void quote(String name, ByteArrayOutputStream out) {
        out.write('"');
        for (byte next : name.getBytes(UTF_8)) {
            if (next == '"' || next == '\\') {
                out.write('\\');
            }
            out.write(next);
        }
        out.write('"');
    }

    private static byte[] binary(String joinRef, String ref, String topic, String event, Payload payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length() + topic.length() + event.length() + 32);
        out.write(PUSH);
        byte[][] names = {joinRef.getBytes(UTF_8), ref.getBytes(UTF_8), topic.getBytes(UTF_8), event.getBytes(UTF_8)};
        for (byte[] name : names) {
            out.write(name.length);
        }
        for (byte[] name : names) {
            out.writeBytes(name);
        }
        out.write(payload.array(), payload.from(), payload.length());
        return out.toByteArray();
    }
}
