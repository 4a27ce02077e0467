package io.heliodor.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A field of the protocol in the payload of a frame: {@code "since"} of a join, {@code "token"} of a refresh. It is read without the
 * mapper of the application.
 */
public final class StringField {
    private static final JsonFactory JSON = new JsonFactory();

    private StringField() {}

    /**
     * Reads a field.
     *
     * @param payload the payload
     * @param name the name of the field
     * @return its text; empty if it is missing or not a text
     */
    public static Optional<String> of(Payload payload, String name) {
        if (!(payload instanceof Payload.Json json) || !json.isObject()) {
            return Optional.empty();
        }
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), json.bytes(), json.from(), json.length())) {
            return inObject(parser, name);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** The last value, if the field is repeated. */
    private static Optional<String> inObject(JsonParser parser, String name) {
        Optional<String> found = Optional.empty();
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean wanted = parser.currentName().equals(name);
            JsonToken value = parser.nextToken();
            if (wanted) {
                found = value == JsonToken.VALUE_STRING ? Optional.of(parser.getString()) : Optional.empty();
            }
            parser.skipChildren();
        }
        return found;
    }
}
