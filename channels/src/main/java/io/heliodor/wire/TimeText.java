package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.time.Year;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.ext.javatime.deser.InstantDeserializer;
import tools.jackson.databind.module.SimpleModule;

/**
 * A deserializer of the types of {@code java.time} that refuses numbers, also in strings. Jackson reads them as seconds, and clients in JavaScript send
 * milliseconds: {@code Date.now()} became the year 58871. Numbers are read if the application declares them: by a {@link JsonFormat} with a
 * numeric shape, or by a mapper that writes times as timestamps. A {@link Year} is a number in any case. A string in a
 * format that the application declares is read, also one of digits.
 */
final class TimeText extends DelegatingDeserializer {
    /** The deserializers with which Jackson reads a number in a string as seconds. With a pattern it does not by default. */
    private static final List<ValueDeserializer<?>> SECONDS = List.of(
            InstantDeserializer.INSTANT, InstantDeserializer.OFFSET_DATE_TIME, InstantDeserializer.ZONED_DATE_TIME);

    /** A string that Jackson may read as seconds. If it does not, it is not in one of these formats either. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]*\\.?[0-9]*");

    /** False if the application declares the format: by the property, for the type, or in a deserializer that it registers. */
    private final boolean readsSeconds;

    private TimeText(ValueDeserializer<?> any, boolean readsSeconds) {
        super(any);
        this.readsSeconds = readsSeconds;
    }

    static JacksonModule module() {
        return new SimpleModule("time-text").setDeserializerModifier(new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyDeserializer(
                    DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
                Class<?> type = bean.getBeanClass();
                return isTime(type)
                                && type != Year.class
                                && PayloadMappers.isJacksons(deserializer)
                                && !config.isEnabled(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                        ? new TimeText(deserializer, SECONDS.contains(deserializer))
                        : deserializer;
            }
        });
    }

    static boolean isTime(Class<?> type) {
        return type.getPackageName().equals("java.time");
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new TimeText(other, readsSeconds);
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        ValueDeserializer<?> text = super.createContextual(context, property);
        JsonFormat.Value format = property == null
                ? context.getDefaultPropertyFormat(handledType())
                : property.findPropertyFormat(context.getConfig(), handledType());
        if (!(text instanceof TimeText contextual)) {
            return text;
        }
        if (format.getShape().isNumeric()) {
            return contextual.getDelegatee();
        }
        return format.hasPattern() ? new TimeText(contextual.getDelegatee(), false) : text;
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken().isNumeric()) {
            return context.handleUnexpectedToken(handledType(), parser);
        }
        if (parser.hasToken(JsonToken.VALUE_STRING) && mayReadSeconds(context)) {
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
}
