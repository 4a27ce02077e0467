package io.heliodor.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.ser.std.ToStringSerializerBase;
import tools.jackson.databind.util.TokenBuffer;

/**
 * How a mapper writes the values of a type, for the readers of the same mapper: what is written is read back. A mapper is set once, before
 * its first use. Decides at the build of a deserializer, and not for each message.
 */
public final class WrittenForms {
    private volatile @Nullable JsonMapper mapper;

    WrittenForms() {}

    void setMapper(JsonMapper made) {
        mapper = made;
    }

    /** Whether a serializer or deserializer is of Jackson, and not of an application. */
    static boolean isJacksons(Object form) {
        return form.getClass().getName().startsWith("tools.jackson.databind.");
    }

    private @Nullable SerializationContext context() {
        JsonMapper known = mapper;
        return known == null ? null : known._serializationContext();
    }

    /** Whether a property, its elements, or all values of a type, are written as the texts of their values. */
    boolean isText(DeserializationContext reading, Class<?> type, @Nullable BeanProperty property) {
        SerializationContext context = context();
        if (context == null) {
            return false;
        }
        if (property != null && property.getMember() != null) {
            AnnotatedMember member = property.getMember();
            boolean elements =
                    property.getType().isContainerType() || property.getType().isReferenceType();
            var annotations = reading.getConfig().getAnnotationIntrospector();
            Object declared = elements
                    ? annotations.findContentSerializer(reading.getConfig(), member)
                    : annotations.findSerializer(reading.getConfig(), member);
            if (declared != null) {
                return declared instanceof Class<?> by
                        ? ToStringSerializerBase.class.isAssignableFrom(by)
                        : declared instanceof ToStringSerializerBase;
            }
        }
        return isText(context.findPrimaryPropertySerializer(context.constructType(type), property));
    }

    /**
     * Whether a serializer writes the texts of values.
     *
     * @param serializer of any type
     * @return whether it does
     */
    public static boolean isText(ValueSerializer<?> serializer) {
        return StrictWriters.plain(serializer) instanceof ToStringSerializerBase;
    }

    /** The JSON of all constants of an enum, in their order; empty if it is not known. */
    List<JsonNode> constants(JavaType type, @Nullable BeanProperty property) {
        SerializationContext context = context();
        return context == null
                ? List.of()
                : constants(context, type, context.findPrimaryPropertySerializer(type, property));
    }

    /**
     * The JSON of all constants of an enum by one of its serializers.
     *
     * @param context of the mapper
     * @param type the enum
     * @param serializer of the type
     * @return the JSON, in the order of the constants
     */
    @SuppressWarnings("unchecked") // a serializer of the type
    public static List<JsonNode> constants(SerializationContext context, JavaType type, ValueSerializer<?> serializer) {
        List<JsonNode> forms = new ArrayList<>();
        for (Object constant : type.getRawClass().getEnumConstants()) {
            try (TokenBuffer buffer = new TokenBuffer(context, false)) {
                ((ValueSerializer<Object>) serializer).serialize(constant, buffer, context);
                forms.add(tree(buffer));
            }
        }
        return forms;
    }

    /** The names of all constants of an enum as keys, in their order; empty if they are not known. */
    List<String> keys(JavaType type) {
        SerializationContext context = context();
        return context == null ? List.of() : keys(context, type);
    }

    /**
     * The names of all constants of an enum as keys.
     *
     * @param context of the mapper
     * @param type the enum
     * @return the names, in the order of the constants
     */
    public static List<String> keys(SerializationContext context, JavaType type) {
        ValueSerializer<Object> serializer = context.findKeySerializer(type, null);
        List<String> names = new ArrayList<>();
        for (Object constant : type.getRawClass().getEnumConstants()) {
            try (TokenBuffer buffer = new TokenBuffer(context, false)) {
                buffer.writeStartObject();
                serializer.serialize(constant, buffer, context);
                buffer.writeNull();
                buffer.writeEndObject();
                names.add(tree(buffer).propertyNames().iterator().next());
            }
        }
        return names;
    }

    private static final JsonMapper TREES = new JsonMapper();

    private static JsonNode tree(TokenBuffer buffer) {
        try (JsonParser parser = buffer.asParser()) {
            return TREES.readTree(parser);
        }
    }
}
