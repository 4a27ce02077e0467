package io.heliodor.playground.node;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the shell: one line of ASCII, with exact numbers. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    /** A value and the text after it. */
    record First(JsonNode value, String behind) {}

    /** Parses the value at the beginning of a text. */
    static Optional<First> first(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonNode value = MAPPER.readTree(parser);
            if (value == null || value.isMissingNode()) {
                return Optional.empty();
            }
            int end = Math.toIntExact(parser.currentLocation().getCharOffset());
            return Optional.of(new First(value, text.substring(end)));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Parses a text that is exactly one value. */
    static Optional<JsonNode> value(String text) {
        return first(text).filter(first -> first.behind().isBlank()).map(First::value);
    }

    static String line(JsonNode value) {
        return MAPPER.writeValueAsString(value);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A text as a JSON string. */
    static String string(String text) {
        return line(JsonNodeFactory.instance.stringNode(text));
    }
}
