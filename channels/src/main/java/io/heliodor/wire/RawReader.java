package io.heliodor.wire;

import io.heliodor.event.InvalidPayload;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.json.RawJson;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/**
 * A deserializer of a {@link Raw} inside of another payload. It copies the tokens of the value and not its bytes, whose place Jackson does
 * not give: numbers and repeated keys stay, white space and needless escape sequences do not.
 */
final class RawReader extends StdDeserializer<Raw> {
    /** The key of an attribute of one reading: its {@link JsonProfile}, if that is not the default. */
    static final Object PROFILE = new Object();

    RawReader() {
        super(Raw.class);
    }

    @Override
    public Raw deserialize(JsonParser parser, DeserializationContext context) {
        JsonWriter copy = new JsonWriter();
        copy(parser, copy);
        Payload.Json json = copy.payload();
        // Without the room that the writer had left: it would be held as long as the value.
        byte[] bytes = Arrays.copyOfRange(json.bytes(), json.from(), json.to());
        RawJson raw = new RawJson(bytes, 0, bytes.length);
        if (context.getAttribute(PROFILE) instanceof JsonProfile profile) {
            String problem = raw.problem(profile);
            if (problem != null) {
                throw new InvalidPayload("", problem);
            }
        }
        return raw;
    }

    /** Copies the value that begins at the current token. Its depth has a limit, but this does not recurse all the same. */
    private static void copy(JsonParser parser, JsonWriter to) {
        int depth = 0;
        boolean comma = false;
        do {
            JsonToken token = parser.currentToken();
            if (comma && !token.isStructEnd()) {
                to.raw(",");
            }
            comma = token != JsonToken.PROPERTY_NAME && !token.isStructStart();
            switch (token) {
                case START_OBJECT, START_ARRAY, END_OBJECT, END_ARRAY -> {
                    to.raw(token.asString());
                    depth += token.isStructStart() ? 1 : -1;
                }
                case PROPERTY_NAME -> to.string(parser.currentName()).raw(":");
                case VALUE_STRING -> to.string(parser.getString());
                default -> to.raw(parser.getString());
            }
        } while (depth > 0 && parser.nextToken() != null);
    }
}
