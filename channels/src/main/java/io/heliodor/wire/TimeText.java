package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.heliodor.schema.Schema;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.ext.javatime.deser.InstantDeserializer;
import tools.jackson.databind.ext.javatime.deser.LocalDateDeserializer;
import tools.jackson.databind.ext.javatime.deser.YearDeserializer;
import tools.jackson.databind.module.SimpleModule;

/**
 * A deserializer of the types of {@code java.time} that refuses numbers, also in strings. Jackson reads them as seconds, and clients in JavaScript send
 * milliseconds: {@code Date.now()} became the year 58871. Numbers are read if the application declares them: by a {@link JsonFormat} with a
 * numeric shape, or by a mapper that writes times as timestamps. A {@link Year} is a number in any case. A string in a
 * format that the application declares is read, also one of digits.
 */
final class TimeText extends DelegatingDeserializer implements ExactForm {
    /** The deserializers with which Jackson reads a number in a string as seconds. With a pattern it does not by default. */
    private static final List<ValueDeserializer<?>> SECONDS = List.of(
            InstantDeserializer.INSTANT, InstantDeserializer.OFFSET_DATE_TIME, InstantDeserializer.ZONED_DATE_TIME);

    private static final Set<Class<?>> TIMES = Set.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class);

    /** A time of RFC 3339 as its formats of JSON Schema: Jackson reads further forms, such as those without seconds. */
    private static final Pattern DATE_TIME = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})");

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    /** A string that Jackson may read as seconds. If it does not, it is not in one of these formats either. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]*\\.?[0-9]*");

    /** The types that a mapper with timestamps writes as numbers, or as arrays of them. */
    private static final Set<Class<?>> TIMESTAMPS = Set.of(
            Instant.class,
            OffsetDateTime.class,
            ZonedDateTime.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            OffsetTime.class,
            YearMonth.class);

    /** False if the application declares the format: by the property, for the type, or in a deserializer that it registers. */
    private final boolean readsSeconds;

    /** The format of JSON Schema in which texts are; null for a format of Java. */
    private final @Nullable String format;

    /** The numbers that are read, too; null if texts alone are read. Arrays of numbers are any value. */
    private final transient @Nullable Schema numbers;

    private TimeText(
            ValueDeserializer<?> any, boolean readsSeconds, @Nullable String format, @Nullable Schema numbers) {
        super(any);
        this.readsSeconds = readsSeconds;
        this.format = format;
        this.numbers = numbers;
    }

    /** Whether a property, or a mapper for a type, has numbers in the place of texts. */
    static boolean areNumbers(DatabindContext context, @Nullable BeanProperty property, Class<?> type) {
        JsonFormat.Value declared = format(context, property, type);
        JsonFormat.Shape shape = declared.getShape();
        if (shape.isNumeric() || shape == JsonFormat.Shape.ARRAY) {
            return true;
        }
        return !declared.hasPattern()
                && shape != JsonFormat.Shape.STRING
                && (type == Duration.class
                        ? context.isEnabled(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                        : TIMESTAMPS.contains(type) && context.isEnabled(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS));
    }

    /** Times as numbers, in the years 0 to 9999. */
    private static final Schema SECONDS_OF_TIMES = new Schema.Decimal(Optional.of("epoch-seconds"));

    private static final double MAX_NUMBER = 1e15;

    private static final Schema MILLISECONDS_OF_TIMES = new Schema.Whole(Optional.of("epoch-milliseconds"));

    /** Whether a format of JSON Schema describes the texts of a type. */
    static boolean isDescribed(Class<?> type, boolean withZones) {
        return type == LocalDate.class || (TIMES.contains(type) && !(withZones && type == ZonedDateTime.class));
    }

    /** The format that a property, or a mapper for a type, has by annotations or settings. */
    static JsonFormat.Value format(DatabindContext context, @Nullable BeanProperty property, Class<?> type) {
        return property == null
                ? context.getConfig().getDefaultPropertyFormat(type)
                : property.findPropertyFormat(context.getConfig(), type);
    }

    static JacksonModule module() {
        return new SimpleModule("time-text").setDeserializerModifier(new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyDeserializer(
                    DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
                Class<?> type = bean.getBeanClass();
                if (deserializer.equals(YearDeserializer.INSTANCE)) {
                    return new YearNumber(deserializer);
                }
                return isTime(type) && type != Year.class && WrittenForms.isJacksons(deserializer)
                        ? new TimeText(
                                deserializer,
                                SECONDS.contains(deserializer),
                                described(config, type, deserializer),
                                null)
                        : deserializer;
            }

            private static @Nullable String described(
                    DeserializationConfig config, Class<?> type, ValueDeserializer<?> deserializer) {
                if (deserializer.equals(LocalDateDeserializer.INSTANCE)) {
                    return "date";
                }
                return SECONDS.contains(deserializer)
                                && isDescribed(type, config.isEnabled(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID))
                        ? "date-time"
                        : null;
            }
        });
    }

    static boolean isTime(Class<?> type) {
        return type.getPackageName().equals("java.time");
    }

    /** A date, or a time of RFC 3339, as the key of a map; null for other texts. */
    static @Nullable Object key(Class<?> type, String text) {
        try {
            return type == LocalDate.class
                    ? DATE.matcher(text).matches() ? LocalDate.parse(text) : null
                    : DATE_TIME.matcher(text).matches() ? Instant.parse(text) : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new TimeText(other, readsSeconds, format, numbers);
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        ValueDeserializer<?> text = super.createContextual(context, property);
        JsonFormat.Value declared = format(context, property, handledType());
        if (!(text instanceof TimeText contextual)) {
            return text;
        }
        if (areNumbers(context, property, handledType())) {
            return contextual.withNumbers(context, property);
        }
        return declared.hasPattern() ? new TimeText(contextual.getDelegatee(), false, null, null) : text;
    }

    /** Seconds with a fraction, or milliseconds if the mapper reads those: an integer, also as a double. */
    private TimeText withNumbers(DeserializationContext context, @Nullable BeanProperty property) {
        if (!(getDelegatee() instanceof InstantDeserializer<?>)) {
            Schema any = new Schema.Any(handledType().getName() + " is a number, or an array of numbers");
            return new TimeText(getDelegatee(), false, null, any);
        }
        Boolean declared = format(context, property, handledType())
                .getFeature(JsonFormat.Feature.READ_DATE_TIMESTAMPS_AS_NANOSECONDS);
        boolean seconds =
                declared == null ? context.isEnabled(DateTimeFeature.READ_DATE_TIMESTAMPS_AS_NANOSECONDS) : declared;
        return seconds
                ? new TimeText(getDelegatee(), readsSeconds, format, SECONDS_OF_TIMES)
                : new TimeText(Numbers.integral(getDelegatee()), readsSeconds, format, MILLISECONDS_OF_TIMES);
    }

    @Override
    public Schema schema() {
        Schema texts = format == null ? Schema.Text.PLAIN : Schema.Text.of(format);
        return numbers == null
                ? texts
                : numbers instanceof Schema.Any ? numbers : new Schema.OneOf(List.of(numbers, texts));
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
        if (numbers instanceof Schema.Any) {
            return super.deserialize(parser, context);
        }
        if (numbers != null && parser.currentToken().isNumeric()) {
            // Jackson reads 1e99999 as another time.
            Object value = Math.abs(parser.getDoubleValue()) < MAX_NUMBER ? super.deserialize(parser, context) : null;
            return value != null && StrictWriters.isInNumbers(value)
                    ? value
                    : context.handleWeirdNumberValue(
                            handledType(), parser.getDecimalValue(), "not in the years 0 to 9999");
        }
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            return context.handleUnexpectedToken(handledType(), parser);
        }
        if (format != null) {
            String text = parser.getString();
            if (!(format.equals("date") ? DATE : DATE_TIME).matcher(text).matches()) {
                return context.handleWeirdStringValue(handledType(), text, "not a time of RFC 3339");
            }
        } else if (mayReadSeconds(context)) {
            String text = parser.getString();
            String trimmed = text.trim();
            if (!trimmed.isEmpty() && NUMBER.matcher(trimmed).matches()) {
                return context.handleWeirdStringValue(handledType(), text, "a number in a string");
            }
        }
        return super.deserialize(parser, context);
    }

    private boolean mayReadSeconds(DeserializationContext context) {
        return readsSeconds
                || (getDelegatee() instanceof InstantDeserializer<?>
                        && context.isEnabled(DateTimeFeature.ALWAYS_ALLOW_STRINGIFIED_DATE_TIMESTAMPS));
    }

    /** A deserializer of years that reads the integers of other components, and no texts. Jackson refuses {@code 2026.0}. */
    private static final class YearNumber extends DelegatingDeserializer implements ExactForm {
        YearNumber(ValueDeserializer<?> years) {
            super(years);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new YearNumber(other);
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            var format = format(context, property, Year.class);
            return format.hasPattern() || format.hasShape()
                    ? context.handleSecondaryContextualization(
                            getDelegatee(), property, context.constructType(Year.class))
                    : this;
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_NUMBER_INT) && !parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT)) {
                return context.handleUnexpectedToken(Integer.class, parser);
            }
            int year = context.readValue(parser, Integer.class);
            return year < Year.MIN_VALUE || year > Year.MAX_VALUE
                    ? context.handleWeirdNumberValue(Year.class, year, "not a year")
                    : Year.of(year);
        }

        @Override
        public Schema schema() {
            return new Schema.Whole(Optional.of("int32"));
        }
    }
}
