package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JacksonStdImpl;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.jackson.JsonNodeDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.FloatNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.databind.util.TokenBuffer;

/**
 * The readers of numbers: exact and finite ones alone, and from texts alone if the same mapper writes the numbers as texts. The boxes in
 * optionals and arrays have the same rules.
 */
public final class Numbers {
    private static final String DECIMAL = "^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?$";

    /** The maximum of digits, as of numbers. */
    private static final int MAX_LENGTH = 100;

    /**
     * The texts of one type.
     *
     * @param pattern a regular expression of Java and ECMAScript
     * @param read reads a text that fits the pattern
     */
    public record Form(Pattern pattern, Function<String, @Nullable Object> read) {
        static Form of(String pattern, Function<String, @Nullable Object> read) {
            return new Form(Pattern.compile(pattern), read);
        }

        /**
         * The schema of the texts.
         *
         * @return the schema
         */
        public Schema schema() {
            return Schema.Text.like(pattern.pattern());
        }

        /** The value of a text; null if it does not fit. */
        @Nullable
        Object value(String text) {
            return text.length() <= MAX_LENGTH && pattern.matcher(text).matches() ? read.apply(text) : null;
        }
    }

    private static final Form BYTE = Form.of(between(Byte.MIN_VALUE, Byte.MAX_VALUE), Byte::valueOf);
    private static final Form SHORT = Form.of(between(Short.MIN_VALUE, Short.MAX_VALUE), Short::valueOf);
    private static final Form INT = Form.of(between(Integer.MIN_VALUE, Integer.MAX_VALUE), Integer::valueOf);
    private static final Form LONG = Form.of(between(Long.MIN_VALUE, Long.MAX_VALUE), Long::valueOf);
    private static final Form DOUBLE = Form.of(DECIMAL, text -> finite(Double.valueOf(text)));
    private static final Form FLOAT = Form.of(DECIMAL, text -> finite(Float.valueOf(text)));

    private static final Map<Class<?>, Form> FORMS = Map.ofEntries(
            Map.entry(byte.class, BYTE),
            Map.entry(Byte.class, BYTE),
            Map.entry(short.class, SHORT),
            Map.entry(Short.class, SHORT),
            Map.entry(int.class, INT),
            Map.entry(Integer.class, INT),
            Map.entry(long.class, LONG),
            Map.entry(Long.class, LONG),
            Map.entry(double.class, DOUBLE),
            Map.entry(Double.class, DOUBLE),
            Map.entry(float.class, FLOAT),
            Map.entry(Float.class, FLOAT),
            Map.entry(BigInteger.class, Form.of("^(?:0|-?[1-9][0-9]*)$", BigInteger::new)),
            Map.entry(BigDecimal.class, Form.of(DECIMAL, BigDecimal::new)));

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

    /** The largest {@code float}, as it is written. */
    private static final double MAX_FLOAT = 3.4028235e38;

    private Numbers() {}

    static JacksonModule module(WrittenForms written) {
        return new SimpleModule("numbers")
                .addDeserializer(double.class, ofDouble(double.class))
                .addDeserializer(Double.class, ofDouble(Double.class))
                .addDeserializer(float.class, ofFloat(float.class))
                .addDeserializer(Float.class, ofFloat(Float.class))
                .addDeserializer(
                        OptionalDouble.class,
                        new Finite<>(
                                OptionalDouble.class,
                                JsonParser::getDoubleValue,
                                OptionalDouble::of,
                                OptionalDouble.empty()))
                .addDeserializer(
                        OptionalInt.class,
                        new Unboxed<>(OptionalInt.class, Integer.class, OptionalInt::of, OptionalInt.empty()))
                .addDeserializer(
                        OptionalLong.class,
                        new Unboxed<>(OptionalLong.class, Long.class, OptionalLong::of, OptionalLong.empty()))
                .addDeserializer(double[].class, new Unboxed<>(double[].class, Double[].class, Numbers::unboxed, null))
                .addDeserializer(float[].class, new Unboxed<>(float[].class, Float[].class, Numbers::unboxed, null))
                .addDeserializer(int[].class, new Unboxed<>(int[].class, Integer[].class, Numbers::unboxed, null))
                .addDeserializer(long[].class, new Unboxed<>(long[].class, Long[].class, Numbers::unboxed, null))
                .addDeserializer(short[].class, new Unboxed<>(short[].class, Short[].class, Numbers::unboxed, null))
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
                        if (!(deserializer instanceof Finite<?>) && !WrittenForms.isJacksons(deserializer)) {
                            return deserializer;
                        }
                        Class<?> type = bean.getBeanClass();
                        if (type == Object.class || type == Number.class) {
                            return new Tree(deserializer);
                        }
                        ValueDeserializer<?> numbers = isInteger(type) ? new Integral(deserializer) : deserializer;
                        return FORMS.containsKey(type) ? new Text(numbers, written, null) : numbers;
                    }
                });
    }

    static boolean isInteger(Class<?> type) {
        return INTEGERS.contains(type);
    }

    /** A reader of integers that accepts them as doubles, too. */
    static ValueDeserializer<?> integral(ValueDeserializer<?> integers) {
        return new Integral(integers);
    }

    /**
     * The texts of a type of numbers.
     *
     * @param type the class
     * @return the texts; null for other types
     */
    public static @Nullable Form form(Class<?> type) {
        return FORMS.get(type);
    }

    private static @Nullable Object finite(Number value) {
        return Double.isFinite(value.doubleValue()) ? value : null;
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

    private static Finite<Double> ofDouble(Class<Double> type) {
        return new Finite<>(type, JsonParser::getDoubleValue, value -> value, null);
    }

    private static Finite<Float> ofFloat(Class<Float> type) {
        // A number that only rounding brings into the range is beyond it.
        return new Finite<>(
                type,
                parser -> Math.abs(parser.getDoubleValue()) > MAX_FLOAT
                        ? Double.POSITIVE_INFINITY
                        : parser.getFloatValue(),
                value -> (float) value,
                null);
    }

    /**
     * A deserializer of floating-point numbers that accepts finite JSON numbers only. Jackson also accepts the strings {@code "NaN"} and
     * {@code "Infinity"}, even without coercion, and reads {@code 1e999} as infinity. A NaN passes the usual range checks in the
     * constructor of a record.
     */
    private static final class Finite<T> extends StdScalarDeserializer<T> {
        private final ToDoubleFunction<JsonParser> read;
        private final DoubleFunction<T> make;
        private final @Nullable T ofNull;

        Finite(Class<T> type, ToDoubleFunction<JsonParser> read, DoubleFunction<T> make, @Nullable T ofNull) {
            super(type);
            this.read = read;
            this.make = make;
            this.ofNull = ofNull;
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
    }

    /**
     * A deserializer of integers that also accepts integers with a fraction of zero or an exponent, such as {@code 919.0}. Clients that read
     * all numbers as doubles send ids that way. Beyond 2<sup>53</sup> such a number is out of range, since the client may have rounded it.
     */
    private static final class Integral extends DelegatingDeserializer {
        /** The maximum up to which doubles represent all integers. */
        private static final long MAX_EXACT = 1L << 53;

        Integral(ValueDeserializer<?> integers) {
            super(integers);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Integral(other);
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
    }

    /**
     * A deserializer of numbers that the same mapper writes as texts: a {@code long} with {@code @JsonFormat(shape = STRING)}, since pages read
     * numbers up to 2<sup>53</sup> only. Such a number is read from a text alone, in the form in which it is written.
     */
    private static final class Text extends DelegatingDeserializer implements ExactForm {
        private final transient WrittenForms written;

        /** Null until the property is known. */
        private final transient @Nullable Form form;

        Text(ValueDeserializer<?> numbers, WrittenForms written, @Nullable Form form) {
            super(numbers);
            this.written = written;
            this.form = form;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Text(other, written, form);
        }

        /** A number that is written as one is read without this deserializer. */
        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return written.isText(context, handledType(), property)
                    ? new Text(getDelegatee(), written, FORMS.get(handledType()))
                    : context.handleSecondaryContextualization(
                            getDelegatee(), property, context.constructType(handledType()));
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            if (form == null) {
                return super.deserialize(parser, context);
            }
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return context.handleUnexpectedToken(String.class, parser);
            }
            String text = parser.getString();
            Object value = form.value(text);
            return value == null
                    ? context.handleWeirdStringValue(handledType(), text, "not a number in a text")
                    : value;
        }

        @Override
        public Schema schema() {
            return form == null ? new Schema.Any("") : form.schema();
        }
    }

    /**
     * A deserializer that reads a box, or an array of boxes, so that the rules of those apply, and converts it.
     *
     * @param <T> the type of the value
     * @param <B> the box, or the array of boxes
     */
    private static final class Unboxed<T, B> extends StdDeserializer<T> {
        private final Class<B> box;
        private final Function<B, T> unbox;
        private final @Nullable T ofNull;

        Unboxed(Class<T> type, Class<B> box, Function<B, T> unbox, @Nullable T ofNull) {
            super(type);
            this.box = box;
            this.unbox = unbox;
            this.ofNull = ofNull;
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

    /** The expression of the integers in a range, as they are written. */
    private static String between(long min, long max) {
        return "^(?:0|" + upTo(BigInteger.valueOf(max)) + "|-(?:"
                + upTo(BigInteger.valueOf(min).negate()) + "))$";
    }

    /** The expression of the integers from 1: those with fewer digits, then those that are less in one of the digits. */
    private static String upTo(BigInteger max) {
        String digits = max.toString();
        int length = digits.length();
        StringBuilder all = new StringBuilder("[1-9][0-9]{0," + (length - 2) + "}");
        for (int i = 0; i < length; i++) {
            char from = i == 0 ? '1' : '0';
            char to = (char) (digits.charAt(i) - 1);
            if (to >= from) {
                all.append('|')
                        .append(digits, 0, i)
                        .append('[')
                        .append(from)
                        .append('-')
                        .append(to)
                        .append(']');
                if (i + 1 < length) {
                    all.append("[0-9]{").append(length - i - 1).append('}');
                }
            }
        }
        return all.append('|').append(digits).toString();
    }
}
