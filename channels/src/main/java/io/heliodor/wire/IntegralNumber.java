package io.heliodor.wire;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.util.TokenBuffer;

/**
 * A deserializer of integers that also accepts integers with a fraction of zero or an exponent, such as {@code 919.0}. Clients that read
 * all numbers as doubles send ids that way. Beyond 2<sup>53</sup> such a number is out of range, since the client may have rounded it.
 */
final class IntegralNumber extends DelegatingDeserializer {
    private static final Set<Class<?>> INTEGERS = Set.of(
            int.class,
            Integer.class,
            long.class,
            Long.class,
            short.class,
            Short.class,
            byte.class,
            Byte.class,
            BigInteger.class,
            AtomicInteger.class,
            AtomicLong.class);

    /** The maximum up to which doubles represent all integers. */
    private static final long MAX_EXACT = 1L << 53;

    IntegralNumber(ValueDeserializer<?> integers) {
        super(integers);
    }

    static JacksonModule module() {
        return new SimpleModule("integral-numbers")
                .addDeserializer(
                        OptionalInt.class,
                        new Unboxed<>(OptionalInt.class, Integer.class, OptionalInt::of, OptionalInt.empty()))
                .addDeserializer(
                        OptionalLong.class,
                        new Unboxed<>(OptionalLong.class, Long.class, OptionalLong::of, OptionalLong.empty()))
                .addDeserializer(
                        int[].class, new Unboxed<>(int[].class, Integer[].class, IntegralNumber::unboxed, null))
                .addDeserializer(long[].class, new Unboxed<>(long[].class, Long[].class, IntegralNumber::unboxed, null))
                .addDeserializer(
                        short[].class, new Unboxed<>(short[].class, Short[].class, IntegralNumber::unboxed, null))
                .setDeserializerModifier(new ValueDeserializerModifier() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public ValueDeserializer<?> modifyDeserializer(
                            DeserializationConfig config,
                            BeanDescription.Supplier bean,
                            ValueDeserializer<?> deserializer) {
                        return INTEGERS.contains(bean.getBeanClass()) && BuiltIn.isJacksons(deserializer)
                                ? new IntegralNumber(deserializer)
                                : deserializer;
                    }
                });
    }

    static boolean isInteger(Class<?> type) {
        return INTEGERS.contains(type);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new IntegralNumber(other);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        if (!parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT)) {
            Object value = super.deserialize(parser, context);
            if (value instanceof Byte number && number < 0 && parser.getLongValue() > 0) {
                throw new InputCoercionException(parser, "Not a signed byte", parser.currentToken(), handledType());
            }
            return value;
        }
        BigDecimal value = parser.getDecimalValue();
        if (Math.abs(value.doubleValue()) > MAX_EXACT) {
            throw new InputCoercionException(
                    parser, "An integer written as a double is not exact", parser.currentToken(), handledType());
        }
        // Of at most 100 digits, so that neither is expensive.
        if (value.stripTrailingZeros().scale() > 0) {
            return context.handleUnexpectedToken(handledType(), parser);
        }
        try (TokenBuffer integer = context.bufferForInputBuffering(parser)) {
            integer.writeNumber(value.longValueExact());
            try (JsonParser again = integer.asParserOnFirstToken(context, parser)) {
                return super.deserialize(again, context);
            }
        }
    }

    private static int[] unboxed(Integer[] values) {
        return Stream.of(values).mapToInt(value -> value).toArray();
    }

    private static long[] unboxed(Long[] values) {
        return Stream.of(values).mapToLong(value -> value).toArray();
    }

    private static short[] unboxed(Short[] values) {
        short[] unboxed = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            unboxed[i] = values[i];
        }
        return unboxed;
    }
}
