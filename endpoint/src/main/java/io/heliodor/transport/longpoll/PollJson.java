package io.heliodor.transport.longpoll;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The JSON bodies of responses to polls. Messages are JSON texts in UTF-8, and are encoded as strings. */
final class PollJson {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** The length of a control character's escape. */
    private static final int ESCAPE = 6;

    private PollJson() {}

    /** A body with a status only. */
    static byte[] status(int status) {
        return ascii("{\"status\":" + status + "}");
    }

    /** The body of a response to a poll. */
    static byte[] poll(int status, String token, List<byte[]> messages) {
        byte[] head = ascii("{\"status\":" + status + ",\"token\":\"" + token + "\",\"messages\":[");
        int size = head.length + 2;
        for (byte[] message : messages) {
            size += quotedLength(message) + 1;
        }
        size -= messages.isEmpty() ? 0 : 1; // the last message has no comma

        byte[] out = new byte[size];
        System.arraycopy(head, 0, out, 0, head.length);
        int at = head.length;
        for (byte[] message : messages) {
            if (at > head.length) {
                out[at++] = ',';
            }
            at = quote(message, out, at);
        }
        out[at++] = ']';
        out[at] = '}';
        return out;
    }

    private static int quotedLength(byte[] text) {
        int length = text.length + 2;
        for (byte each : text) {
            if (each == '"' || each == '\\') {
                length++;
            } else if (each >= 0 && each < ' ') {
                length += ESCAPE - 1;
            }
        }
        return length;
    }

    private static int quote(byte[] text, byte[] out, int from) {
        int at = from;
        out[at++] = '"';
        for (byte each : text) {
            if (each == '"' || each == '\\') {
                out[at++] = '\\';
                out[at++] = each;
            } else if (each >= 0 && each < ' ') {
                out[at++] = '\\';
                out[at++] = 'u';
                out[at++] = '0';
                out[at++] = '0';
                out[at++] = HEX[each >> 4];
                out[at++] = HEX[each & 0xf];
            } else {
                out[at++] = each;
            }
        }
        out[at++] = '"';
        return at;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
