package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.deser.ValueDeserializerModifier;

/** The keys of maps: read in the form in which they are written. Jackson reads further ones, such as {@code "+01"} as an integer. */
public final class MapKeys {
    private MapKeys() {}

    static ValueDeserializerModifier modifier(WrittenForms written) {
        return new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public KeyDeserializer modifyKeyDeserializer(
                    DeserializationConfig config, JavaType type, KeyDeserializer deserializer) {
                if (!BuiltIn.isJacksons(deserializer)) {
                    return deserializer;
                }
                Schema schema = schema(type.getRawClass());
                if (schema != null) {
                    return new Key(type.getRawClass(), schema, value(type.getRawClass()));
                }
                return type.isEnumType() ? ofEnum(config, type, written.keys(type), deserializer) : deserializer;
            }
        };
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
    public static @Nullable Schema schema(Class<?> type) {
        NumberText.Form numbers = NumberText.form(type);
        if (numbers != null) {
            return numbers.schema();
        }
        if (type == UUID.class) {
            return Schema.Text.of("uuid");
        }
        if (type == Boolean.class) {
            return new Schema.Choice(List.of("false", "true"), false);
        }
        return type == Character.class ? Schema.Text.like(CharText.PATTERN) : null;
    }

    private static Function<String, @Nullable Object> value(Class<?> type) {
        NumberText.Form numbers = NumberText.form(type);
        if (numbers != null) {
            return numbers::value;
        }
        if (type == UUID.class) {
            return text -> UuidText.is(text) ? UUID.fromString(text) : null;
        }
        return type == Boolean.class
                ? text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null
                : text -> text.length() == 1 ? text.charAt(0) : null;
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
