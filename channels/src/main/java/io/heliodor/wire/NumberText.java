package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/**
 * A deserializer of numbers that the same mapper writes as texts: a {@code long} with {@code @JsonFormat(shape = STRING)}, since pages read
 * numbers up to 2<sup>53</sup> only. Such a number is read from a text alone, in the form in which it is written.
 */
public final class NumberText extends DelegatingDeserializer implements ExactForm {
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

    private final transient WrittenForms written;

    /** Null until the property is known. */
    private final transient @Nullable Form form;

    private NumberText(ValueDeserializer<?> numbers, WrittenForms written, @Nullable Form form) {
        super(numbers);
        this.written = written;
        this.form = form;
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

    static ValueDeserializerModifier modifier(WrittenForms written) {
        return new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyDeserializer(
                    DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
                boolean known = BuiltIn.isJacksons(deserializer)
                        || deserializer instanceof IntegralNumber
                        || deserializer instanceof FiniteNumber<?>;
                return known && FORMS.containsKey(bean.getBeanClass())
                        ? new NumberText(deserializer, written, null)
                        : deserializer;
            }
        };
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new NumberText(other, written, form);
    }

    /** A number that is written as one is read without this deserializer. */
    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        return written.isText(context, handledType(), property)
                ? new NumberText(getDelegatee(), written, FORMS.get(handledType()))
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
        return value == null ? context.handleWeirdStringValue(handledType(), text, "not a number in a text") : value;
    }

    @Override
    public Schema schema() {
        return form == null ? new Schema.Any("") : form.schema();
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
