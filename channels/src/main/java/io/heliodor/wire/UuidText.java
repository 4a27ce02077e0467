package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.util.UUID;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.type.LogicalType;

/** A deserializer of UUIDs in their usual form. Jackson reads them in Base64, too. */
final class UuidText extends StdScalarDeserializer<UUID> implements ExactForm {
    private static final int LENGTH = 36;

    UuidText() {
        super(UUID.class);
    }

    static boolean is(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            boolean fits = (i == 8 || i == 13 || i == 18 || i == 23)
                    ? c == '-'
                    : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    @Override
    public UUID deserialize(JsonParser parser, DeserializationContext context) {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            return (UUID) context.handleUnexpectedToken(UUID.class, parser);
        }
        String text = parser.getString();
        return is(text) ? UUID.fromString(text) : (UUID) context.handleWeirdStringValue(UUID.class, text, "not a UUID");
    }

    @Override
    public LogicalType logicalType() {
        return LogicalType.OtherScalar;
    }

    @Override
    public Schema schema() {
        return Schema.Text.of("uuid");
    }
}
