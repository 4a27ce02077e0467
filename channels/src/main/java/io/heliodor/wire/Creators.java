package io.heliodor.wire;

import io.heliodor.event.InvalidPayload;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/**
 * The JSON values from which the constructors and factory methods of a class create it. Jackson tries those for texts and numbers with each
 * value that is not an object, and those for texts with others, too.
 */
public final class Creators {
    private Creators() {}

    /**
     * Whether a class is created from an object. It is then created from nothing else.
     *
     * @param creators of the class
     * @return whether it is
     */
    public static boolean areOfObjects(ValueInstantiator creators) {
        return !creators.canCreateUsingDelegate()
                && (creators.canCreateFromObjectWith() || creators.canCreateUsingDefault());
    }

    /**
     * The texts, numbers and truth values from which a class is created.
     *
     * @param creators of the class
     * @return the classes of the arguments
     */
    public static List<Class<?>> arguments(ValueInstantiator creators) {
        List<Class<?>> arguments = new ArrayList<>();
        if (creators.canCreateFromString()) {
            arguments.add(String.class);
        }
        if (creators.canCreateFromInt()) {
            arguments.add(Integer.class);
        }
        if (creators.canCreateFromLong()) {
            arguments.add(Long.class);
        }
        if (creators.canCreateFromBigInteger()) {
            arguments.add(BigInteger.class);
        }
        if (creators.canCreateFromDouble()) {
            arguments.add(Double.class);
        }
        if (creators.canCreateFromBigDecimal()) {
            arguments.add(BigDecimal.class);
        }
        if (creators.canCreateFromBoolean()) {
            arguments.add(Boolean.class);
        }
        return arguments;
    }

    /** A deserializer of a class that is created from one text, number or truth value alone, by the deserializer of that. */
    static ValueDeserializer<?> ofOneArgument(BeanDeserializerBase bean) {
        ValueInstantiator creators = bean.getValueInstantiator();
        List<Class<?>> arguments = arguments(creators);
        return areOfObjects(creators)
                        || creators.canCreateUsingDelegate()
                        || creators.canCreateUsingArrayDelegate()
                        || arguments.size() != 1
                ? bean
                : new OfOneArgument(bean, arguments.getFirst(), null);
    }

    private static final class OfOneArgument extends DelegatingDeserializer {
        private final Class<?> argument;
        private final transient @Nullable ValueDeserializer<Object> reader;

        OfOneArgument(ValueDeserializer<?> bean, Class<?> argument, @Nullable ValueDeserializer<Object> reader) {
            super(bean);
            this.argument = argument;
            this.reader = reader;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new OfOneArgument(other, argument, reader);
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return new OfOneArgument(
                    context.handleSecondaryContextualization(
                            getDelegatee(), property, context.constructType(handledType())),
                    argument,
                    context.findContextualValueDeserializer(context.constructType(argument), null));
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            Object value = Objects.requireNonNull(reader, "contextual").deserialize(parser, context);
            ValueInstantiator creators = ((BeanDeserializerBase) getDelegatee()).getValueInstantiator();
            return switch (value) {
                case String text -> creators.createFromString(context, text);
                case Integer number -> creators.createFromInt(context, number);
                case Long number -> creators.createFromLong(context, number);
                case BigInteger number -> creators.createFromBigInteger(context, number);
                case Double number -> creators.createFromDouble(context, number);
                case BigDecimal number -> creators.createFromBigDecimal(context, number);
                case Boolean truth -> creators.createFromBoolean(context, truth);
                // The deserializer of texts of the application may read a text as null.
                case null -> throw new InvalidPayload("", "must not be null");
                default -> throw new IllegalStateException("No creator takes " + value);
            };
        }
    }
}
