package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZonedDateTime;
import java.util.Set;
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
import tools.jackson.databind.module.SimpleModule;

/**
 * A deserializer of the types of {@code java.time} that refuses numbers, also in strings. Jackson reads them as seconds, and clients in JavaScript send
 * milliseconds: {@code Date.now()} became the year 58871. Numbers are read if the application declares them: by a {@link JsonFormat} with a
 * numeric shape, or by a mapper that writes times as timestamps. A {@link Year} is a number in any case.
 */
final class TimeText extends DelegatingDeserializer {
    /** The types for which Jackson reads strings of digits as numbers. */
    private static final Set<Class<?>> INSTANTS = Set.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class);

    private TimeText(ValueDeserializer<?> any) {
        super(any);
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
                                && StrictJson.isJacksons(deserializer)
                                && !config.isEnabled(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                        ? new TimeText(deserializer)
                        : deserializer;
            }
        });
    }

    static boolean isTime(Class<?> type) {
        return type.getPackageName().equals("java.time");
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new TimeText(other);
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        ValueDeserializer<?> text = super.createContextual(context, property);
        boolean numeric = property != null
                && property.findPropertyFormat(context.getConfig(), handledType())
                        .getShape()
                        .isNumeric();
        return numeric && text instanceof TimeText contextual ? contextual.getDelegatee() : text;
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken().isNumeric()) {
            return context.handleUnexpectedToken(handledType(), parser);
        }
        if (parser.hasToken(JsonToken.VALUE_STRING) && INSTANTS.contains(handledType())) {
            String text = parser.getString();
            if (!text.isEmpty() && text.chars().noneMatch(Character::isLetter)) {
                return context.handleWeirdStringValue(handledType(), text, "a number in a string");
            }
        }
        return super.deserialize(parser, context);
    }
}
