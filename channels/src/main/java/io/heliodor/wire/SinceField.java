package io.heliodor.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The field {@code "since"} in the payload of a join: the history token up to which the client has the messages of the topic. */
public final class SinceField {
    private static final JsonFactory JSON = new JsonFactory();

    private SinceField() {}

    /**
     * Reads the token from the payload of a join.
     *
     * @param payload the payload
     * @return the token; empty if there is none
     */
    public static Optional<String> of(Payload payload) {
        if (!(payload instanceof Payload.Json json) || !json.isObject()) {
            return Optional.empty();
        }
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), json.bytes(), json.from(), json.length())) {
            return inObject(parser);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** The last value, if the field is repeated. */
    private static Optional<String> inObject(JsonParser parser) {
        Optional<String> found = Optional.empty();
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean since = parser.currentName().equals("since");
            JsonToken value = parser.nextToken();
            if (since) {
                found = value == JsonToken.VALUE_STRING ? Optional.of(parser.getString()) : Optional.empty();
            }
            parser.skipChildren();
        }
        return found;
    }
}
