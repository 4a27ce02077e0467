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
 * Finds nulls on the way out that the same mapper would refuse on the way in. Jackson calls a serializer of its own for the null
 * of a property: so a value that is not null costs nothing.
 */
final class UnreadableNulls extends ValueSerializerModifier {
    private static final long serialVersionUID = 1L;

    /** The key of a {@link Finding} in the attributes of one writing. */
    static final Object FINDING = new Object();

    /** Gets each null that is found. */
    interface Finding {
        void found(Class<?> type, String property);
    }

    /** Ends a writing at its first null. Written once more, it has a finding that names the event. */
    static final class Found extends Error {
        private static final long serialVersionUID = 1L;

        Found() {
            super("a null that could not be read back", null, false, false);
        }
    }

    private final transient AtomicReference<JsonMapper> mapper = new AtomicReference<>();

    /** The mapper that this was made for; before it is used. */
    void reads(JsonMapper made) {
        mapper.set(made);
    }

    @Override
    public List<BeanPropertyWriter> changeProperties(
            SerializationConfig config, BeanDescription.Supplier bean, List<BeanPropertyWriter> properties) {
        for (BeanPropertyWriter property : properties) {
            if (!property.hasNullSerializer() && !property.getType().isPrimitive()) {
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

    /** Writes the null of one property. */
    private final class NullWriter extends ValueSerializer<Object> {
        private final JavaType type;
        private final String name;

        /** Found out at the first null. */
        private volatile @Nullable Boolean refused;

        NullWriter(JavaType type, String name) {
            this.type = type;
            this.name = name;
        }

        @Override
        public void serialize(@Nullable Object nothing, JsonGenerator generator, SerializationContext context) {
            if (context.getAttribute(FINDING) instanceof Finding finding && refused()) {
                finding.found(type.getRawClass(), name);
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
