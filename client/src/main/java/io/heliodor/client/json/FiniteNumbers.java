package io.heliodor.client.json;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.ArrayType;

/**
 * Numbers that are finite: Jackson writes NaN and infinities as texts, which the server refuses, and reads {@code 1e999} as infinity.
 */
final class FiniteNumbers extends SimpleModule {
    private static final long serialVersionUID = 1L;

    FiniteNumbers() {
        super("heliodor-finite-numbers");
        setSerializerModifier(new ValueSerializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueSerializer<?> modifySerializer(
                    SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
                Class<?> type = bean.getBeanClass();
                return isDecimal(type) || type == OptionalDouble.class ? new Writer(serializer) : serializer;
            }

            @Override
            public ValueSerializer<?> modifyArraySerializer(
                    SerializationConfig config,
                    ArrayType type,
                    BeanDescription.Supplier bean,
                    ValueSerializer<?> serializer) {
                return type.hasRawClass(double[].class) || type.hasRawClass(float[].class)
                        ? new Writer(serializer)
                        : serializer;
            }
        });
        setDeserializerModifier(new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyDeserializer(
                    DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
                Class<?> type = bean.getBeanClass();
                return isDecimal(type) || type == Object.class || type == Number.class
                        ? new Reader(deserializer)
                        : deserializer;
            }
        });
    }

    private static boolean isDecimal(Class<?> type) {
        return type == double.class || type == Double.class || type == float.class || type == Float.class;
    }

    /** The first number in a value that is not finite; null if all are. */
    private static @Nullable Number notFinite(@Nullable Object value) {
        if (value instanceof Double || value instanceof Float) {
            Number number = (Number) value;
            return Double.isFinite(number.doubleValue()) ? null : number;
        }
        if (value instanceof OptionalDouble some) {
            return some.isPresent() ? notFinite((Object) some.getAsDouble()) : null;
        }
        if (value instanceof double[] || value instanceof float[]) {
            for (int i = 0; i < Array.getLength(value); i++) {
                Number found = notFinite(Array.get(value, i));
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return first(map.values());
        }
        return value instanceof Collection<?> all ? first(all) : null;
    }

    private static @Nullable Number first(Collection<?> all) {
        for (Object each : all) {
            Number found = notFinite(each);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static final class Writer extends StdSerializer<Object> {
        private final ValueSerializer<Object> plain;

        @SuppressWarnings("unchecked") // it is called with values of its type
        Writer(ValueSerializer<?> plain) {
            super((Class<Object>) plain.handledType());
            this.plain = (ValueSerializer<Object>) plain;
        }

        @Override
        public ValueSerializer<?> createContextual(
                SerializationContext context, tools.jackson.databind.@Nullable BeanProperty property) {
            return new Writer(plain.createContextual(context, property));
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            Number wrong = notFinite(value);
            if (wrong != null) {
                context.reportMappingProblem("%s is not a number of JSON; write null or a text for it", wrong);
            }
            plain.serialize(value, generator, context);
        }

        @Override
        public boolean isEmpty(SerializationContext context, Object value) {
            return plain.isEmpty(context, value);
        }
    }

    private static final class Reader extends DelegatingDeserializer {
        Reader(ValueDeserializer<?> plain) {
            super(plain);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Reader(other);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            Object value = super.deserialize(parser, context);
            if (notFinite(value) != null) {
                throw new InputCoercionException(
                        parser, "a number is not finite", JsonToken.VALUE_NUMBER_FLOAT, handledType());
            }
            return value;
        }
    }
}
