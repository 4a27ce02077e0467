package io.heliodor.wire;

import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.introspect.ClassIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;

/**
 * Finds nulls in serialized values that the same mapper would refuse to read. Jackson calls a separate serializer for null properties, so
 * other values cost nothing.
 */
final class UnreadableNulls extends ValueSerializerModifier {
    private static final long serialVersionUID = 1L;

    /** The key of an attribute of one serialization: its {@link NullListener}. */
    static final Object NULL_LISTENER = new Object();

    /** Receives each null that is found. */
    interface NullListener {
        void found(Class<?> type, String property);
    }

    /** Thrown at the first null. The value is then serialized again, with a listener that has the name of the event. */
    static final class Found extends Error {
        private static final long serialVersionUID = 1L;

        Found() {
            super("a null that could not be read back", null, false, false);
        }
    }

    private final transient AtomicReference<JsonMapper> mapper = new AtomicReference<>();

    /** Sets the mapper, before its first use. */
    void setMapper(JsonMapper made) {
        mapper.set(made);
    }

    @Override
    public List<BeanPropertyWriter> changeProperties(
            SerializationConfig config, BeanDescription.Supplier bean, List<BeanPropertyWriter> properties) {
        for (BeanPropertyWriter property : properties) {
            // A null serializer would write the nulls that @JsonInclude leaves out.
            if (!property.hasNullSerializer()
                    && !property.willSuppressNulls()
                    && !property.getType().isPrimitive()) {
                property.assignNullSerializer(new NullWriter(bean.getType(), property.getName()));
            }
        }
        return properties;
    }

    private boolean isRefused(JavaType type, String name) {
        DeserializationConfig config = mapper.get().deserializationConfig();
        ClassIntrospector introspector = config.classIntrospectorInstance();
        for (BeanPropertyDefinition property : introspector
                .introspectForDeserialization(type, introspector.introspectClassAnnotations(type))
                .findProperties()) {
            if (property.getName().equals(name)) {
                return property.couldDeserialize() && property.getMetadata().getValueNulls() == Nulls.FAIL;
            }
        }
        return false;
    }

    /** The serializer of nulls of one property. */
    private final class NullWriter extends ValueSerializer<Object> {
        private final JavaType type;
        private final String name;

        /** Whether the mapper refuses the null; computed at the first null. */
        private volatile @Nullable Boolean refused;

        NullWriter(JavaType type, String name) {
            this.type = type;
            this.name = name;
        }

        @Override
        public void serialize(@Nullable Object nothing, JsonGenerator generator, SerializationContext context) {
            if (context.getAttribute(NULL_LISTENER) instanceof NullListener listener && refused()) {
                listener.found(type.getRawClass(), name);
            }
            generator.writeNull();
        }

        private boolean refused() {
            Boolean known = refused;
            if (known == null) {
                known = isRefused(type, name);
                refused = known;
            }
            return known;
        }
    }
}
