package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.event.json.JsonLimit;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * A second JSON scanner, to compare with: the grammar is Jackson's, UTF-8 the JDK's, and each limit is tested.
 *
 * @param top the token that the text begins with
 * @param parts the values within the outermost array or object
 * @param exceeded the limits that the text exceeds, each with the number of parts that had begun before
 */
record SlowJson(JsonToken top, List<Part> parts, Map<JsonLimit, Integer> exceeded) {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
    private static final Pattern SURROGATE = Pattern.compile("\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}");

    /**
     * A value within the outermost array or object.
     *
     * @param key its key; empty in an array
     * @param token the token that it begins with
     * @param text the decoded text of a string
     * @param from the position of its first byte
     * @param length the number of bytes of a scalar
     */
    record Part(String key, JsonToken token, String text, int from, int length) {
        boolean scalar() {
            return !token.isStructStart();
        }
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Reads a text if it is UTF-8, and one value of JSON. */
    static Optional<SlowJson> read(byte[] json) {
        return isUtf8(json) ? parse(json) : Optional.empty();
    }

    /** The limit that a scanner reports which has read a number of parts. */
    @Nullable
    JsonLimit exceeded(int partsRead) {
        return Stream.of(JsonLimit.values())
                .filter(limit -> exceeded.getOrDefault(limit, Integer.MAX_VALUE) <= partsRead)
                .findFirst()
                .orElse(null);
    }

    /** Jackson takes half a surrogate pair in a string but not in a key; the grammar makes no difference. */
    private static byte[] withoutSurrogates(byte[] json) {
        String text = new String(json, ISO_8859_1);
        return SURROGATE.matcher(text).replaceAll("\\\\u0041").getBytes(ISO_8859_1);
    }

    private static String string(byte[] json, int from, int length) {
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), json, from, length)) {
            parser.nextToken();
            return parser.getString();
        }
    }

    private static Optional<SlowJson> parse(byte[] json) {
        List<Part> parts = new ArrayList<>();
        List<JsonToken> tops = new ArrayList<>();
        int depth = 0;
        Map<JsonLimit, Integer> exceeded = new EnumMap<>(JsonLimit.class);
        String key = "";
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), withoutSurrogates(json))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                int from = (int) parser.currentTokenLocation().getByteOffset();
                String text = token == JsonToken.PROPERTY_NAME || token.isScalarValue() ? parser.getString() : "";
                int length = token.isStructStart() || token.isStructEnd() ? 0 : length(json, from);
                if (token == JsonToken.PROPERTY_NAME) {
                    key = text;
                    if (length - 2 > JsonLimit.MAX_KEY) {
                        exceeded.putIfAbsent(JsonLimit.KEY, parts.size());
                    }
                    continue;
                }
                if (token.isStructEnd()) {
                    depth--;
                    continue;
                }
                if (depth == 0) {
                    tops.add(token);
                } else if (depth == 1) {
                    String decoded = token == JsonToken.VALUE_STRING ? string(json, from, length) : text;
                    parts.add(new Part(key, token, decoded, from, length));
                }
                if (token.isNumeric() && length > JsonLimit.MAX_NUMBER) {
                    exceeded.putIfAbsent(JsonLimit.NUMBER, parts.size());
                }
                if (token.isStructStart()) {
                    key = "";
                    // An empty one at the very bottom is as deep as its brackets.
                    if (++depth > JsonLimit.MAX_DEPTH) {
                        exceeded.putIfAbsent(JsonLimit.DEPTH, parts.size());
                    }
                }
            }
        } catch (JacksonException e) {
            return Optional.empty();
        }
        return tops.size() == 1 ? Optional.of(new SlowJson(tops.getFirst(), parts, exceeded)) : Optional.empty();
    }

    /** The bytes of a string with its quotes, a number or a word. */
    private static int length(byte[] json, int from) {
        int at = from;
        if (json[from] == '"') {
            at++;
            while (json[at] != '"') {
                at += json[at] == '\\' ? 2 : 1;
            }
            return at + 1 - from;
        }
        while (at < json.length && ",:]} \n\r\t".indexOf(json[at]) < 0) {
            at++;
        }
        return at - from;
    }
}
