package io.heliodor.wire;

import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * A deserializer of floating-point numbers that accepts finite JSON numbers only. Jackson also accepts the strings {@code "NaN"} and
 * {@code "Infinity"}, even without coercion, and reads {@code 1e999} as infinity. A NaN passes the usual range checks in the
 * constructor of a record.
 */
final class FiniteNumber<T> extends StdScalarDeserializer<T> {
    private final ToDoubleFunction<JsonParser> read;
    private final DoubleFunction<T> make;
    private final @Nullable T ofNull;

    private FiniteNumber(Class<T> type, ToDoubleFunction<JsonParser> read, DoubleFunction<T> make, @Nullable T ofNull) {
        super(type);
        this.read = read;
        this.make = make;
        this.ofNull = ofNull;
    }

    static JacksonModule module() {
        return new SimpleModule("finite-numbers")
                .addDeserializer(double.class, ofDouble(double.class))
                .addDeserializer(Double.class, ofDouble(Double.class))
                .addDeserializer(float.class, ofFloat(float.class))
                .addDeserializer(Float.class, ofFloat(Float.class))
                .addDeserializer(
                        OptionalDouble.class,
                        new FiniteNumber<>(
                                OptionalDouble.class,
                                JsonParser::getDoubleValue,
                                OptionalDouble::of,
                                OptionalDouble.empty()))
                .addDeserializer(
                        double[].class, new Unboxed<>(double[].class, Double[].class, FiniteNumber::unboxed, null))
                .addDeserializer(
                        float[].class, new Unboxed<>(float[].class, Float[].class, FiniteNumber::unboxed, null));
    }

    private static FiniteNumber<Double> ofDouble(Class<Double> type) {
        return new FiniteNumber<>(type, JsonParser::getDoubleValue, value -> value, null);
    }

    private static FiniteNumber<Float> ofFloat(Class<Float> type) {
        return new FiniteNumber<>(type, JsonParser::getFloatValue, value -> (float) value, null);
    }

    @Override
    @SuppressWarnings("unchecked") // both calls throw
    public T deserialize(JsonParser parser, DeserializationContext context) {
        if (!parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT) && !parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            return (T) context.handleUnexpectedToken(handledType(), parser);
        }
        double value = read.applyAsDouble(parser);
        if (!Double.isFinite(value)) {
            return (T) context.handleWeirdNumberValue(handledType(), value, "not finite");
        }
        return make.apply(value);
    }

    @Override
    public LogicalType logicalType() {
        return LogicalType.Float;
    }

    @Override
    public @Nullable Object getNullValue(DeserializationContext context) {
        return ofNull;
    }

    private static double[] unboxed(Double[] values) {
        return Stream.of(values).mapToDouble(value -> value).toArray();
    }

    private static float[] unboxed(Float[] values) {
        float[] unboxed = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            unboxed[i] = values[i];
        }
        return unboxed;
    }
}
