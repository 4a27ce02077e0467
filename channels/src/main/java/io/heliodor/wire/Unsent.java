package io.heliodor.wire;

import java.lang.reflect.Array;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.deser.std.StdDeserializer;

/** A deserializer of a component of a record that clients do not send: whatever they send is skipped. */
public final class Unsent extends StdDeserializer<Object> {
    private final transient @Nullable Object none;

    Unsent(JavaType type) {
        super(type);
        this.none = none(type.getRawClass());
    }

    private static @Nullable Object none(Class<?> type) {
        if (type.isPrimitive()) {
            return Array.get(Array.newInstance(type, 1), 0);
        }
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == OptionalInt.class) {
            return OptionalInt.empty();
        }
        if (type == OptionalLong.class) {
            return OptionalLong.empty();
        }
        return type == OptionalDouble.class ? OptionalDouble.empty() : null;
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
        parser.skipChildren();
        return none;
    }

    @Override
    public @Nullable Object getNullValue(DeserializationContext context) {
        return none;
    }

    @Override
    public @Nullable Object getAbsentValue(DeserializationContext context) {
        return none;
    }
}
