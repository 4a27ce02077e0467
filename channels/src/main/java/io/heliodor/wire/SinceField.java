package io.heliodor.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** How far a client is in a topic's history: {@code "since": "..."} in its request to join. */
public final class SinceField {
    private static final JsonFactory JSON = new JsonFactory();

    private SinceField() {}

    /**
     * Looks for a token in the payload of a join.
     *
     * @param payload what came
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

    /** The last one counts if the name is there twice. */
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
