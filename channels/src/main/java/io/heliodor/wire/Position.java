package io.heliodor.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/**
 * Up to where a client has what a topic keeps: {@code "since": {"epoch", "offset"}} in its request to join.
 *
 * @param epoch which history
 * @param offset the last that it has; 0 for nothing
 */
public record Position(String epoch, long offset) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Looks for a position in the payload of a join.
     *
     * @param payload what came
     * @return the position; empty if there is none or one that does not fit
     */
    public static Optional<Position> of(Payload payload) {
        if (!(payload instanceof Payload.Json json) || !json.isObject()) {
            return Optional.empty();
        }
        try (JsonParser parser = JSON.createParser(
                tools.jackson.core.ObjectReadContext.empty(), json.bytes(), json.from(), json.length())) {
            return inObject(parser);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static Optional<Position> inObject(JsonParser parser) {
        Optional<Position> found = Optional.empty();
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean since = parser.currentName().equals("since");
            JsonToken value = parser.nextToken();
            if (since) {
                found = value == JsonToken.START_OBJECT ? read(parser) : Optional.empty();
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    private static Optional<Position> read(JsonParser parser) {
        Optional<String> epoch = Optional.empty();
        long offset = -1;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("epoch")) {
                epoch = value == JsonToken.VALUE_STRING ? Optional.of(parser.getString()) : Optional.empty();
            } else if (name.equals("offset")) {
                offset = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
            }
            parser.skipChildren();
        }
        long last = offset;
        return last < 0 ? Optional.empty() : epoch.map(text -> new Position(text, last));
    }
}
