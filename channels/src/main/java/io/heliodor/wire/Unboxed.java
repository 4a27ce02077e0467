package io.heliodor.wire;

import java.lang.reflect.Array;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.type.LogicalType;

/**
 * A deserializer that reads a box, or an array of boxes, so that the rules of those apply, and converts it.
 *
 * @param <T> the type of the value
 * @param <B> the box, or the array of boxes
 */
final class Unboxed<T, B> extends StdDeserializer<T> {
    private final Class<B> box;
    private final Function<B, T> unbox;
    private final @Nullable T ofNull;

    Unboxed(Class<T> type, Class<B> box, Function<B, T> unbox, @Nullable T ofNull) {
        super(type);
        this.box = box;
        this.unbox = unbox;
        this.ofNull = ofNull;
    }

    /** The box of the numbers in a type that is read through boxes; null for other types. */
    private static @Nullable Class<?> box(Class<?> type) {
        if (type == OptionalInt.class || type == int[].class) {
            return Integer.class;
        }
        if (type == OptionalLong.class || type == long[].class) {
            return Long.class;
        }
        if (type == OptionalDouble.class || type == double[].class) {
            return Double.class;
        }
        return type == short[].class ? Short.class : type == float[].class ? Float.class : null;
    }

    /**
     * Makes a mapper that writes numbers in a form of its own, such as each {@code long} as a text, write them so in the types that are
     * read through boxes. Jackson does so in lists alone.
     */
    static ValueSerializerModifier modifier() {
        return new ValueSerializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueSerializer<?> modifySerializer(
                    SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
                return written(bean.getBeanClass(), serializer);
            }

            @Override
            public ValueSerializer<?> modifyArraySerializer(
                    SerializationConfig config,
                    ArrayType type,
                    BeanDescription.Supplier bean,
                    ValueSerializer<?> serializer) {
                return written(type.getRawClass(), serializer);
            }

            private static ValueSerializer<?> written(Class<?> type, ValueSerializer<?> serializer) {
                Class<?> box = box(type);
                return box != null && BuiltIn.isJacksons(CheckedWriter.plain(serializer))
                        ? new Writer(type, box, serializer, null)
                        : serializer;
            }
        };
    }

    /** Writes each number by the serializer of its box, or all by that of Jackson if this is the form of boxes, too. */
    private static final class Writer extends StdSerializer<Object> {
        private final Class<?> box;
        private final ValueSerializer<Object> plain;
        private final @Nullable ValueSerializer<Object> boxes;

        @SuppressWarnings("unchecked") // a serializer of the type
        Writer(Class<?> type, Class<?> box, ValueSerializer<?> plain, @Nullable ValueSerializer<Object> boxes) {
            super(type);
            this.box = box;
            this.plain = (ValueSerializer<Object>) plain;
            this.boxes = boxes;
        }

        @Override
        @SuppressWarnings("unchecked") // a serializer of the box
        public ValueSerializer<?> createContextual(SerializationContext context, @Nullable BeanProperty property) {
            ValueSerializer<?> found = context.findPrimaryPropertySerializer(context.constructType(box), null);
            return BuiltIn.isJacksons(CheckedWriter.plain(found)) && !WrittenForms.isText(found)
                    ? plain.createContextual(context, property)
                    : new Writer(handledType(), box, plain, (ValueSerializer<Object>) found);
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            ValueSerializer<Object> each = Objects.requireNonNull(boxes, "contextual");
            switch (value) {
                case OptionalInt some when some.isPresent() -> each.serialize(some.getAsInt(), generator, context);
                case OptionalLong some when some.isPresent() -> each.serialize(some.getAsLong(), generator, context);
                case OptionalDouble some
                when some.isPresent() -> each.serialize(some.getAsDouble(), generator, context);
                default -> {
                    if (!value.getClass().isArray()) {
                        generator.writeNull();
                        return;
                    }
                    generator.writeStartArray();
                    for (int i = 0; i < Array.getLength(value); i++) {
                        each.serialize(Array.get(value, i), generator, context);
                    }
                    generator.writeEndArray();
                }
            }
        }

        @Override
        public boolean isEmpty(SerializationContext context, Object value) {
            return plain.isEmpty(context, value);
        }
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
        return unbox.apply(context.readValue(parser, box));
    }

    @Override
    public LogicalType logicalType() {
        return box.isArray() ? LogicalType.Array : LogicalType.Integer;
    }

    @Override
    public @Nullable Object getNullValue(DeserializationContext context) {
        return ofNull;
    }
}
