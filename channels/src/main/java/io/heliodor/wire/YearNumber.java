package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.time.Year;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/** A deserializer of years that reads the integers of other components, and no texts. Jackson refuses {@code 2026.0}. */
final class YearNumber extends DelegatingDeserializer implements ExactForm {
    YearNumber(ValueDeserializer<?> years) {
        super(years);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new YearNumber(other);
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        var format = TimeText.format(context, property, Year.class);
        return format.hasPattern() || format.hasShape()
                ? context.handleSecondaryContextualization(getDelegatee(), property, context.constructType(Year.class))
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
