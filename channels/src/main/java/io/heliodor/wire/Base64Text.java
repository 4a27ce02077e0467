package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.type.LogicalType;

/** A deserializer of bytes in Base64 with padding (RFC 4648). Jackson reads arrays of numbers, too, and white space. */
public final class Base64Text extends StdScalarDeserializer<byte[]> implements ExactForm {
    private static final String PATTERN = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

    /** The form of bytes. */
    public static final Schema SCHEMA = new Schema.Text(Optional.empty(), Optional.of("base64"), Optional.of(PATTERN));

    Base64Text() {
        super(byte[].class);
    }

    /** Whether a mapper writes bytes in this form, and in no other variant of Base64. */
    static boolean isOf(DeserializationConfig config) {
        return Base64Variants.MIME_NO_LINEFEEDS.equals(config.getBase64Variant());
    }

    @Override
    public byte[] deserialize(JsonParser parser, DeserializationContext context) {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            return (byte[]) context.handleUnexpectedToken(byte[].class, parser);
        }
        String text = parser.getString();
        try {
            if (text.length() % 4 == 0) {
                return Base64.getDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            // It is reported below, without the text of the exception.
        }
        return (byte[]) context.handleWeirdStringValue(byte[].class, text, "not in Base64");
    }

    @Override
    public LogicalType logicalType() {
        return LogicalType.Binary;
    }

    @Override
    public Schema schema() {
        return SCHEMA;
    }
}
