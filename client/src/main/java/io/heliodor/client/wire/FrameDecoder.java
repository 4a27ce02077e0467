package io.heliodor.client.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Decodes messages of the server. Every message has an outcome: it never throws, and reads no byte outside the message. */
public final class FrameDecoder {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Payload EMPTY = Payload.json("{}");
    private static final Payload TOO_LARGE = Payload.json("{\"reason\":\"" + Frame.REPLY_TOO_LARGE + "\"}");

    private static final int PUSH = 0;
    private static final int REPLY = 1;
    private static final int BROADCAST = 2;

    private FrameDecoder() {}

    /**
     * Decodes a text message.
     *
     * @param message the whole message in UTF-8, which is not copied and must not be modified
     * @return the frame, or its fault
     */
    public static Decoded text(byte[] message) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), message, 0, message.length)) {
            return array(parser, message);
        } catch (JacksonException e) {
            return new Malformed("not JSON");
        }
    }

    /**
     * Decodes the beginning of a message that is too large.
     *
     * @param isBinary whether it is a binary message, and not text
     * @param head its first bytes
     * @return the frame without its payload, or a fault
     */
    public static Decoded head(boolean isBinary, byte[] head) {
        Decoded read;
        if (isBinary) {
            read = binary(head);
        } else {
            try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), head, 0, head.length)) {
                read = names(parser);
            } catch (JacksonException e) {
                read = new Malformed("not JSON");
            }
        }
        if (!(read instanceof Frame frame)) {
            return read;
        }
        boolean isReply = frame.event().equals(Frame.REPLY);
        return new Oversized(new Frame(
                frame.joinRef(),
                frame.ref(),
                frame.topic(),
                frame.event(),
                isReply ? "error" : null,
                isReply ? TOO_LARGE : EMPTY));
    }

    /** All before the payload: a frame without it. */
    private static Decoded names(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_ARRAY) {
            return new Malformed("not an array");
        }
        if (!isReference(parser.nextToken())) {
            return new Malformed("join_ref is neither a string nor null");
        }
        String joinRef = reference(parser);
        if (!isReference(parser.nextToken())) {
            return new Malformed("ref is neither a string nor null");
        }
        String ref = reference(parser);
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            return new Malformed("the topic is not a string");
        }
        String topic = parser.getString();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            return new Malformed("the event is not a string");
        }
        return new Frame(joinRef, ref, topic, parser.getString(), null, EMPTY);
    }

    private static Decoded array(JsonParser parser, byte[] message) {
        Decoded names = names(parser);
        if (!(names instanceof Frame frame)) {
            return names;
        }
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return new Malformed("the payload is not an object");
        }
        String status = null;
        Payload payload;
        if (frame.event().equals(Frame.REPLY)) {
            Reply reply = reply(parser, message);
            if (reply == null) {
                return new Malformed("a reply without status and response");
            }
            status = reply.status();
            payload = reply.response();
        } else {
            payload = value(parser, message);
        }
        if (parser.nextToken() != JsonToken.END_ARRAY) {
            return new Malformed("more than five elements");
        }
        return parser.nextToken() == null
                ? new Frame(frame.joinRef(), frame.ref(), frame.topic(), frame.event(), status, payload)
                : new Malformed("bytes after the array");
    }

    private record Reply(String status, Payload response) {}

    private static @Nullable Reply reply(JsonParser parser, byte[] message) {
        String status = null;
        Payload response = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("status")) {
                if (token != JsonToken.VALUE_STRING) {
                    return null;
                }
                status = parser.getString();
            } else if (name.equals("response")) {
                response = value(parser, message);
            } else {
                parser.skipChildren();
            }
        }
        return status == null || response == null ? null : new Reply(status, response);
    }

    /** The value that begins with the current token, as a slice; afterwards its last token is the current one. */
    private static Payload value(JsonParser parser, byte[] message) {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        return Payload.json(message, from, (int) parser.currentLocation().getByteOffset());
    }

    private static boolean isReference(@Nullable JsonToken token) {
        return token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NULL;
    }

    private static @Nullable String reference(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getString();
    }

    /**
     * Decodes a binary message.
     *
     * @param message the whole message, which is not copied and must not be modified
     * @return the frame, or its fault
     */
    public static Decoded binary(byte[] message) {
        if (message.length == 0) {
            return new Malformed("an empty binary message");
        }
        int names = switch (message[0]) {
            case PUSH -> 3;
            case REPLY -> 4;
            case BROADCAST -> 2;
            default -> 0;
        };
        if (names == 0) {
            return new Malformed("a binary message of another kind");
        }
        int at = 1 + names;
        if (message.length < at) {
            return new Malformed("a binary message that ends in its lengths");
        }
        String[] name = new String[names];
        for (int i = 0; i < names; i++) {
            int length = message[1 + i] & 0xff;
            if (message.length - at < length) {
                return new Malformed("a binary message that ends in its names");
            }
            String decoded = utf8(message, at, length);
            if (decoded == null) {
                return new Malformed("a name that is not UTF-8");
            }
            name[i] = decoded;
            at += length;
        }
        Payload data = Payload.binary(message, at, message.length);
        return switch (message[0]) {
            case PUSH -> new Frame(orNull(name[0]), null, name[1], name[2], null, data);
            case REPLY -> new Frame(orNull(name[0]), orNull(name[1]), name[2], Frame.REPLY, name[3], data);
            default -> new Frame(null, null, name[0], name[1], null, data);
        };
    }

    private static @Nullable String utf8(byte[] message, int from, int length) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(message, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static @Nullable String orNull(String reference) {
        return reference.isEmpty() ? null : reference;
    }
}
