package io.heliodor.wire;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.ArrayType;

/**
 * A serializer that refuses values that have no JSON of their schema. Jackson writes NaN and infinities as texts, and years of more than
 * four digits in a form of its own.
 */
final class CheckedWriter extends StdSerializer<Object> {
    private final ValueSerializer<Object> plain;

    /** Returns the reason for which a value is refused, or null. */
    private final transient Function<Object, @Nullable String> check;

    @SuppressWarnings("unchecked") // a serializer of any type is called with values of that type
    private CheckedWriter(ValueSerializer<?> plain, Function<Object, @Nullable String> check) {
        super((Class<Object>) plain.handledType());
        this.plain = (ValueSerializer<Object>) plain;
        this.check = check;
    }

    static ValueSerializerModifier modifier() {
        return new ValueSerializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueSerializer<?> modifySerializer(
                    SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
                if (!BuiltIn.isJacksons(serializer)) {
                    return serializer;
                }
                Class<?> type = bean.getBeanClass();
                return isDecimal(type)
                        ? new CheckedWriter(serializer, CheckedWriter::notFinite)
                        : TimeText.isDescribed(type, config.isEnabled(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID))
                                ? new CheckedWriter(serializer, CheckedWriter::notInRange)
                                : serializer;
            }

            @Override
            public ValueSerializer<?> modifyArraySerializer(
                    SerializationConfig config,
                    ArrayType type,
                    BeanDescription.Supplier bean,
                    ValueSerializer<?> serializer) {
                return type.hasRawClass(double[].class) || type.hasRawClass(float[].class)
                        ? new CheckedWriter(serializer, CheckedWriter::notFinite)
                        : serializer;
            }
        };
    }

    private static boolean isDecimal(Class<?> type) {
        return type == double.class
                || type == float.class
                || type == OptionalDouble.class
                || JsonNode.class.isAssignableFrom(type)
                || (Number.class.isAssignableFrom(type) && !IntegralNumber.isInteger(type));
    }

    private static @Nullable String notFinite(Object value) {
        Number wrong = switch (value) {
            case Double number -> Double.isFinite(number) ? null : number;
            case Float number -> Float.isFinite(number) ? null : number;
            case java.math.BigDecimal _ -> null;
            case java.math.BigInteger _ -> null;
            case double[] all -> first(all);
            case float[] all -> first(all);
            case OptionalDouble some ->
                some.isEmpty() || Double.isFinite(some.getAsDouble()) ? null : some.getAsDouble();
            case JsonNode tree -> FiniteNumber.notFinite(tree);
            case Number number -> Double.isFinite(number.doubleValue()) ? null : number;
            default -> null;
        };
        return wrong == null
                ? null
                : wrong + " is not a number of JSON; leave it out by an Optional or @Nullable, or write a text";
    }

    private static @Nullable Number first(double[] all) {
        for (double each : all) {
            if (!Double.isFinite(each)) {
                return each;
            }
        }
        return null;
    }

    private static @Nullable Number first(float[] all) {
        for (float each : all) {
            if (!Float.isFinite(each)) {
                return each;
            }
        }
        return null;
    }

    private static final long FIRST_SECOND =
            LocalDate.of(0, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
    private static final long END = LocalDate.of(10_000, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);

    private static @Nullable String notInRange(Object value) {
        boolean inRange = switch (value) {
            case Instant time -> time.getEpochSecond() >= FIRST_SECOND && time.getEpochSecond() < END;
            case OffsetDateTime time -> isYear(time.getYear()) && isOffset(time.getOffset());
            case ZonedDateTime time -> isYear(time.getYear()) && isOffset(time.getOffset());
            case LocalDate date -> isYear(date.getYear());
            default -> true;
        };
        return inRange
                ? null
                : value + " is not a time of RFC 3339, whose years are 0 to 9999 and whose offsets are minutes; use a"
                        + " String for other times, or null for none";
    }

    /** Whether a time is in the years 0 to 9999, so that it is in the schema of its numbers. */
    static boolean isInNumbers(@Nullable Object value) {
        long seconds = switch (value) {
            case Instant time -> time.getEpochSecond();
            case OffsetDateTime time -> time.toEpochSecond();
            case ZonedDateTime time -> time.toEpochSecond();
            case null, default -> 0;
        };
        boolean fraction = value instanceof TemporalAccessor time && time.get(ChronoField.NANO_OF_SECOND) > 0;
        return seconds >= FIRST_SECOND && (fraction ? seconds + 1 : seconds) < END;
    }

    private static @Nullable String notInNumbers(Object value) {
        return isInNumbers(value) ? null : value + " is not in the years 0 to 9999; use null for none";
    }

    private static boolean isYear(int year) {
        return year >= 0 && year <= 9999;
    }

    private static boolean isOffset(ZoneOffset offset) {
        return offset.getTotalSeconds() % 60 == 0;
    }

    /** The serializer of Jackson, or of the application, in the place of one that checks values, too. */
    static ValueSerializer<?> plain(ValueSerializer<?> serializer) {
        return serializer instanceof CheckedWriter checked ? plain(checked.plain) : serializer;
    }

    @Override
    public ValueSerializer<?> createContextual(SerializationContext context, @Nullable BeanProperty property) {
        ValueSerializer<?> contextual = plain.createContextual(context, property);
        if (TimeText.isTime(handledType())) {
            if (TimeText.areNumbers(context, property, handledType())) {
                return handledType() == LocalDate.class
                        ? contextual
                        : new CheckedWriter(contextual, CheckedWriter::notInNumbers);
            }
            if (TimeText.format(context, property, handledType()).hasPattern()) {
                return contextual;
            }
        }
        return contextual.equals(plain) ? this : new CheckedWriter(contextual, check);
    }

    @Override
    public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
        check(value, context);
        plain.serialize(value, generator, context);
    }

    @Override
    public void serializeWithType(
            Object value, JsonGenerator generator, SerializationContext context, TypeSerializer type) {
        check(value, context);
        plain.serializeWithType(value, generator, context, type);
    }

    private void check(Object value, SerializationContext context) {
        String problem = check.apply(value);
        if (problem != null) {
            context.reportMappingProblem("%s", problem);
        }
    }

    @Override
    public boolean isEmpty(SerializationContext context, Object value) {
        return plain.isEmpty(context, value);
    }

    @Override
    public void acceptJsonFormatVisitor(JsonFormatVisitorWrapper visitor, tools.jackson.databind.JavaType hint) {
        plain.acceptJsonFormatVisitor(visitor, hint);
    }
}
