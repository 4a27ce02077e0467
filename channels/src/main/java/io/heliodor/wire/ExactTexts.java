package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.FromStringDeserializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.type.LogicalType;

/**
 * The readers of texts, and of the keys of maps, in the form alone in which they are written. Jackson reads UUIDs in Base64, bytes as arrays
 * of numbers, {@code "+01"} as a key, and numbers as texts, too.
 */
public final class ExactTexts extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;

    private static final String BASE64_PATTERN = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

    /** The form of bytes. */
    public static final Schema BASE64 =
            new Schema.Text(Optional.empty(), Optional.of("base64"), Optional.of(BASE64_PATTERN));

    /** The texts of a {@code char}: one character of at most 16 bits. */
    public static final String CHARACTER = "^[\\u0000-\\uffff]$";

    private static final int UUID_LENGTH = 36;

    private final transient WrittenForms written;

    ExactTexts(WrittenForms written) {
        this.written = written;
    }

    @Override
    public ValueDeserializer<?> modifyDeserializer(
            DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
        if (!WrittenForms.isJacksons(deserializer)) {
            return deserializer;
        }
        return bean.getBeanClass() == UUID.class
                ? new Uuid()
                : deserializer instanceof FromStringDeserializer<?> ? new TextAlone(deserializer) : deserializer;
    }

    /** Bytes of a mapper that writes another variant of Base64 have the reader of Jackson. */
    @Override
    public ValueDeserializer<?> modifyArrayDeserializer(
            DeserializationConfig config,
            ArrayType type,
            BeanDescription.Supplier bean,
            ValueDeserializer<?> deserializer) {
        return type.hasRawClass(byte[].class)
                        && WrittenForms.isJacksons(deserializer)
                        && Base64Variants.MIME_NO_LINEFEEDS.equals(config.getBase64Variant())
                ? new Base64()
                : deserializer;
    }

    @Override
    public KeyDeserializer modifyKeyDeserializer(
            DeserializationConfig config, JavaType type, KeyDeserializer deserializer) {
        if (!WrittenForms.isJacksons(deserializer)) {
            return deserializer;
        }
        Schema schema = key(type.getRawClass());
        if (schema != null) {
            return new Key(type.getRawClass(), schema, value(type.getRawClass()));
        }
        return type.isEnumType() ? ofEnum(config, type, written.keys(type), deserializer) : deserializer;
    }

    private static KeyDeserializer ofEnum(
            DeserializationConfig config, JavaType type, List<String> names, KeyDeserializer deserializer) {
        if (names.isEmpty()) {
            return deserializer;
        }
        Map<String, Object> constants = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            constants.put(names.get(i), type.getRawClass().getEnumConstants()[i]);
        }
        EnumForms.aliases(config, type).forEach(constants::putIfAbsent);
        Object unknown = EnumForms.unknown(config, type);
        Schema schema = EnumForms.texts(config, List.copyOf(constants.keySet()), unknown != null);
        Map<String, Object> byName = config.isEnabled(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                ? new TreeMap<>(String.CASE_INSENSITIVE_ORDER)
                : new HashMap<>();
        constants.forEach(byName::putIfAbsent);
        return new Key(type.getRawClass(), schema, name -> byName.getOrDefault(name, unknown));
    }

    /**
     * The schema of keys whose class decides about their form.
     *
     * @param type the class
     * @return the schema; null if the class does not decide
     */
    public static @Nullable Schema key(Class<?> type) {
        Numbers.Form numbers = Numbers.form(type);
        if (numbers != null) {
            return numbers.schema();
        }
        if (type == UUID.class) {
            return Schema.Text.of("uuid");
        }
        if (type == Boolean.class) {
            return new Schema.Choice(List.of("false", "true"), false);
        }
        if (type == LocalDate.class || type == Instant.class) {
            return Schema.Text.of(type == LocalDate.class ? "date" : "date-time");
        }
        return type == Character.class ? Schema.Text.like(CHARACTER) : null;
    }

    private static Function<String, @Nullable Object> value(Class<?> type) {
        Numbers.Form numbers = Numbers.form(type);
        if (numbers != null) {
            return numbers::value;
        }
        if (type == UUID.class) {
            return text -> isUuid(text) ? UUID.fromString(text) : null;
        }
        if (type == LocalDate.class || type == Instant.class) {
            return text -> TimeText.key(type, text);
        }
        return type == Boolean.class
                ? text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null
                : text -> text.length() == 1 ? text.charAt(0) : null;
    }

    private static boolean isUuid(String text) {
        if (text.length() != UUID_LENGTH) {
            return false;
        }
        for (int i = 0; i < UUID_LENGTH; i++) {
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

    /** A deserializer of UUIDs in their usual form. Jackson reads them in Base64, too. */
    private static final class Uuid extends StdScalarDeserializer<UUID> implements ExactForm {
        Uuid() {
            super(UUID.class);
        }

        @Override
        public UUID deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (UUID) context.handleUnexpectedToken(UUID.class, parser);
            }
            String text = parser.getString();
            return isUuid(text)
                    ? UUID.fromString(text)
                    : (UUID) context.handleWeirdStringValue(UUID.class, text, "not a UUID");
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

    /** A deserializer of bytes in Base64 with padding (RFC 4648). Jackson reads arrays of numbers, too, and white space. */
    private static final class Base64 extends StdScalarDeserializer<byte[]> implements ExactForm {
        Base64() {
            super(byte[].class);
        }

        @Override
        public byte[] deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (byte[]) context.handleUnexpectedToken(byte[].class, parser);
            }
            String text = parser.getString();
            try {
                if (text.length() % 4 == 0) {
                    return java.util.Base64.getDecoder().decode(text);
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
            return BASE64;
        }
    }

    /** A deserializer of texts, such as of a URI, that refuses numbers and booleans, which Jackson takes for their texts. */
    private static final class TextAlone extends DelegatingDeserializer {
        TextAlone(ValueDeserializer<?> texts) {
            super(texts);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new TextAlone(other);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            return parser.hasToken(JsonToken.VALUE_STRING)
                    ? super.deserialize(parser, context)
                    : context.handleUnexpectedToken(handledType(), parser);
        }
    }

    /** The deserializer of the keys of one type. */
    private static final class Key extends KeyDeserializer implements ExactForm {
        private final Class<?> type;
        private final Schema schema;
        private final Function<String, @Nullable Object> read;

        Key(Class<?> type, Schema schema, Function<String, @Nullable Object> read) {
            this.type = type;
            this.schema = schema;
            this.read = read;
        }

        @Override
        public @Nullable Object deserializeKey(String key, DeserializationContext context) {
            Object value = read.apply(key);
            return value == null
                    ? context.handleWeirdKey(type, key, "not a key in the form in which it is written")
                    : value;
        }

        @Override
        public Schema schema() {
            return schema;
        }
    }
}
