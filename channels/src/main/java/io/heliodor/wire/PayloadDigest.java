package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A hash of payloads that does not depend on the order of the fields of objects, nor on white space. Of a repeated field the last one
 * counts. Numbers count as they are written: {@code 3.0} is not {@code 3}.
 */
public final class PayloadDigest {
    private static final JsonFactory JSON = new JsonFactory();

    private PayloadDigest() {}

    /**
     * The hash of a message.
     *
     * @param topic its topic
     * @param event its name
     * @param payload its payload
     * @return the 32 bytes of a SHA-256
     */
    public static byte[] of(String topic, String event, Payload payload) {
        MessageDigest digest = sha256();
        add(digest, topic.getBytes(UTF_8));
        add(digest, event.getBytes(UTF_8));
        switch (payload) {
            case Payload.Binary(var bytes, var from, var _) -> {
                digest.update((byte) 'b');
                digest.update(bytes, from, payload.length());
            }
            case Payload.Json(var bytes, var from, var _) -> {
                digest.update((byte) 'j');
                try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, from, payload.length())) {
                    digest.update(value(parser, parser.nextToken()));
                } catch (JacksonException e) {
                    digest.update(bytes, from, payload.length()); // beyond a limit of the parser
                }
            }
        }
        return digest.digest();
    }

    /** The depth of payloads is limited, and so is that of the recursion. */
    private static byte[] value(JsonParser parser, JsonToken token) {
        MessageDigest digest = sha256();
        digest.update((byte) token.id());
        switch (token) {
            case START_OBJECT -> {
                Map<String, byte[]> fields = new TreeMap<>();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    fields.put(name, value(parser, parser.nextToken()));
                }
                fields.forEach((name, value) -> {
                    add(digest, bytes(name));
                    digest.update(value);
                });
            }
            case START_ARRAY -> {
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    digest.update(value(parser, next));
                }
            }
            default -> digest.update(bytes(parser.getString()));
        }
        return digest.digest();
    }

    /** The bytes of a text, as no other text has them. JSON can represent half of a surrogate pair, UTF-8 would have a question mark. */
    private static byte[] bytes(String text) {
        if (UTF_8.newEncoder().canEncode(text)) {
            return text.getBytes(UTF_8);
        }
        ByteBuffer characters = ByteBuffer.allocate(Character.BYTES * (1 + text.length()));
        characters.asCharBuffer().put('\uffff').put(text); // no UTF-8 begins with it
        return characters.array();
    }

    private static void add(MessageDigest digest, byte[] text) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
        digest.update(text);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each JDK has it", e);
        }
    }
}
