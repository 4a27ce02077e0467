package io.heliodor.wire;

import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JacksonStdImpl;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.jackson.JsonNodeDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.FloatNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * A deserializer of floating-point numbers that accepts finite JSON numbers only. Jackson also accepts the strings {@code "NaN"} and
 * {@code "Infinity"}, even without coercion, and reads {@code 1e999} as infinity. A NaN passes the usual range checks in the
 * constructor of a record.
 */
final class FiniteNumber<T> extends StdScalarDeserializer<T> {
    /** The largest {@code float}, as it is written. */
    private static final double MAX_FLOAT = 3.4028235e38;

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
                        float[].class, new Unboxed<>(float[].class, Float[].class, FiniteNumber::unboxed, null))
                // Modifiers do not get the deserializers of trees.
                .addDeserializer(JsonNode.class, tree(JsonNode.class))
                .addDeserializer(ObjectNode.class, tree(ObjectNode.class))
                .addDeserializer(ArrayNode.class, tree(ArrayNode.class))
                .setDeserializerModifier(new ValueDeserializerModifier() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public ValueDeserializer<?> modifyDeserializer(
                            DeserializationConfig config,
                            BeanDescription.Supplier bean,
                            ValueDeserializer<?> deserializer) {
                        Class<?> type = bean.getBeanClass();
                        return (type == Object.class || type == Number.class) && BuiltIn.isJacksons(deserializer)
                                ? new Tree(deserializer)
                                : deserializer;
                    }
                });
    }

    @SuppressWarnings("unchecked") // Jackson's deserializer of the class
    private static <N extends JsonNode> ValueDeserializer<N> tree(Class<N> type) {
        return (ValueDeserializer<N>) (ValueDeserializer<?>) new Tree(JsonNodeDeserializer.getDeserializer(type));
    }

    /** The first number in a tree that is not finite; null if all are. Leaves no views in its maps, which a message would keep. */
    static @Nullable Number notFinite(@Nullable Object tree) {
        return switch (tree) {
            case Double number -> Double.isFinite(number) ? null : number;
            case Float number -> Float.isFinite(number) ? null : number;
            case DoubleNode node -> notFinite((Object) node.doubleValue());
            case FloatNode node -> notFinite((Object) node.floatValue());
            case Map<?, ?> map -> first(map::forEach);
            case ObjectNode node -> first(node::forEachEntry);
            case Collection<?> all -> first(each -> all.forEach(value -> each.accept("", value)));
            case ArrayNode node -> first(each -> node.forEach(value -> each.accept("", value)));
            case null, default -> null;
        };
    }

    private static @Nullable Number first(Consumer<BiConsumer<Object, @Nullable Object>> values) {
        @Nullable Number[] found = new @Nullable Number[1];
        values.accept((_, value) -> {
            if (found[0] == null) {
                found[0] = notFinite(value);
            }
        });
        return found[0];
    }

    /**
     * A deserializer of values of any type, in which Jackson reads {@code 1e999} as infinity, which would be written as a text. It counts as
     * one of Jackson, whose deserializer of objects reads the numbers inside of them itself.
     */
    @JacksonStdImpl
    private static final class Tree extends DelegatingDeserializer {
        Tree(ValueDeserializer<?> any) {
            super(any);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Tree(other);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            return finite(super.deserialize(parser, context), parser);
        }

        @Override
        public @Nullable Object deserializeWithType(
                JsonParser parser, DeserializationContext context, TypeDeserializer type) {
            return finite(super.deserializeWithType(parser, context, type), parser);
        }

        private @Nullable Object finite(@Nullable Object value, JsonParser parser) {
            if (notFinite(value) != null) {
                throw new InputCoercionException(
                        parser, "A number is not finite", JsonToken.VALUE_NUMBER_FLOAT, handledType());
            }
            return value;
        }
    }

    private static FiniteNumber<Double> ofDouble(Class<Double> type) {
        return new FiniteNumber<>(type, JsonParser::getDoubleValue, value -> value, null);
    }

    private static FiniteNumber<Float> ofFloat(Class<Float> type) {
        // A number that only rounding brings into the range is beyond it.
        return new FiniteNumber<>(
                type,
                parser -> Math.abs(parser.getDoubleValue()) > MAX_FLOAT
                        ? Double.POSITIVE_INFINITY
                        : parser.getFloatValue(),
                value -> (float) value,
                null);
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
