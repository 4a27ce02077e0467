package io.heliodor.wire;

import io.heliodor.event.InvalidPayload;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.bean.BuilderBasedDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.PotentialCreator;
import tools.jackson.databind.util.ClassUtil;

/**
 * The form of JSON from which a class is created. Jackson tries each constructor and factory method that it finds with each value; a class
 * is read here from the form that its annotations choose, and from nothing else.
 *
 * @param areOfObjects whether the class is created from an object with its properties
 * @param argument the type of the one value from which it is created; null for a class that is created from objects, and for one that
 *     annotations create from several forms
 */
public record Creators(boolean areOfObjects, @Nullable JavaType argument) {
    /** Texts, numbers and truth values, which Jackson passes to constructors without a deserializer. */
    private static final List<Class<?>> SCALARS = List.of(
            String.class, Integer.class, Long.class, BigInteger.class, Double.class, BigDecimal.class, Boolean.class);

    /**
     * The form of a class.
     *
     * @param context of the mapper
     * @param bean the deserializer of the class
     * @return the form
     */
    public static Creators of(DeserializationContext context, BeanDeserializerBase bean) {
        return of(context.getConfig(), context.introspectBeanDescription(bean.getValueType()), bean);
    }

    static Creators of(DeserializationConfig config, BeanDescription described, BeanDeserializerBase bean) {
        // A builder has constructors of its own, and the class that it builds chooses no form for it.
        BeanDescription description = bean instanceof BuilderBasedDeserializer ? null : described;
        ValueInstantiator creators = bean.getValueInstantiator();
        if (Throwable.class.isAssignableFrom(described.getBeanClass())) {
            return new Creators(true, null); // Jackson passes the message of the object to the constructor
        }
        boolean isObject = creators.canCreateFromObjectWith() || creators.canCreateUsingDefault();
        List<JavaType> arguments = arguments(config, creators);
        List<PotentialCreator> chosen = description == null
                ? List.of()
                : description.getPotentialCreators().getExplicitDelegating();
        if (!chosen.isEmpty()) {
            return chosen.size() > 1 || creators.canCreateFromObjectWith()
                    ? new Creators(false, null)
                    : new Creators(
                            false, only(arguments, chosen.getFirst().param(0).getType()));
        }
        AnnotatedMember value = description == null ? null : description.findJsonValueAccessor();
        return isObject && value == null && !creators.canCreateUsingDelegate()
                ? new Creators(true, null)
                : new Creators(
                        isObject && arguments.isEmpty(), only(arguments, value == null ? null : value.getType()));
    }

    /**
     * The class whose annotations decide how JSON is read: that of a builder, for a class with one.
     *
     * @param context of the mapper
     * @param bean the deserializer of the class
     * @return its description
     */
    public static BeanDescription read(DeserializationContext context, BeanDeserializerBase bean) {
        return context.introspectBeanDescription(
                bean instanceof BuilderBasedDeserializer
                        ? context.constructType(bean.getValueInstantiator().getValueClass())
                        : bean.getValueType());
    }

    /** The argument of a type, or the only one; null if there is none, or another choice. */
    private static @Nullable JavaType only(List<JavaType> arguments, @Nullable JavaType type) {
        if (type != null) {
            Class<?> raw = type.isPrimitive() ? ClassUtil.wrapperType(type.getRawClass()) : type.getRawClass();
            for (JavaType argument : arguments) {
                if (argument.hasRawClass(raw)) {
                    return argument;
                }
            }
        }
        return arguments.size() == 1 ? arguments.getFirst() : null;
    }

    /** The values, other than objects, from which Jackson creates a class. */
    static List<JavaType> arguments(DeserializationConfig config, ValueInstantiator creators) {
        List<JavaType> arguments = new ArrayList<>();
        boolean[] scalars = {
            creators.canCreateFromString(),
            creators.canCreateFromInt(),
            creators.canCreateFromLong(),
            creators.canCreateFromBigInteger(),
            creators.canCreateFromDouble(),
            creators.canCreateFromBigDecimal(),
            creators.canCreateFromBoolean()
        };
        for (int i = 0; i < scalars.length; i++) {
            if (scalars[i]) {
                arguments.add(config.constructType(SCALARS.get(i)));
            }
        }
        if (creators.canCreateUsingDelegate()) {
            arguments.add(creators.getDelegateType(config));
        }
        if (creators.canCreateUsingArrayDelegate()) {
            arguments.add(creators.getArrayDelegateType(config));
        }
        return arguments;
    }

    /**
     * Whether annotations create the class from several forms. Jackson reads it from each of them.
     *
     * @return whether it is so
     */
    public boolean areSeveral() {
        return !areOfObjects && argument == null;
    }

    /** Whether the class is created from an object, or perhaps from one. */
    boolean mayBeOfObjects() {
        return argument == null || !SCALARS.contains(argument.getRawClass());
    }

    /** A deserializer of a class that reads it from this form alone. */
    ValueDeserializer<?> strict(BeanDeserializerBase bean) {
        return argument == null ? bean : new OfOneArgument(bean, argument, null, null);
    }

    /** Reads the argument, and creates the class from it. */
    public static final class OfOneArgument extends DelegatingDeserializer {
        private static final long serialVersionUID = 1L;

        private final JavaType argument;
        private final transient @Nullable BeanProperty property;
        private transient volatile @Nullable ValueDeserializer<Object> reader;

        private OfOneArgument(
                ValueDeserializer<?> bean,
                JavaType argument,
                @Nullable BeanProperty property,
                @Nullable ValueDeserializer<Object> reader) {
            super(bean);
            this.argument = argument;
            this.property = property;
            this.reader = reader;
        }

        /**
         * The type of the argument.
         *
         * @return the type
         */
        public JavaType argument() {
            return argument;
        }

        /**
         * Whether the argument is a text, a number or a truth value. Its format is that of the property.
         *
         * @return whether it is
         */
        public boolean isScalar() {
            return SCALARS.contains(argument.getRawClass());
        }

        /**
         * The deserializer of the argument. That of a list or an object is looked up at the first value: a class that is created from a list
         * of itself has none before.
         *
         * @param context of the mapper
         * @return the deserializer
         */
        public ValueDeserializer<Object> reader(DeserializationContext context) {
            ValueDeserializer<Object> found = reader;
            if (found == null) {
                found = isScalar()
                        ? context.findContextualValueDeserializer(argument, property)
                        : context.findRootValueDeserializer(argument);
                reader = found;
            }
            return found;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new OfOneArgument(other, argument, property, reader);
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return new OfOneArgument(
                    context.handleSecondaryContextualization(
                            getDelegatee(), property, context.constructType(handledType())),
                    argument,
                    property,
                    null);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            Object value = reader(context).deserialize(parser, context);
            if (value == null) {
                // The deserializer of texts of the application may read a text as null.
                throw new InvalidPayload("", "must not be null");
            }
            ValueInstantiator creators = ((BeanDeserializerBase) getDelegatee()).getValueInstantiator();
            if (isScalar()) {
                return switch (value) {
                    case String text -> creators.createFromString(context, text);
                    case Integer number -> creators.createFromInt(context, number);
                    case Long number -> creators.createFromLong(context, number);
                    case BigInteger number -> creators.createFromBigInteger(context, number);
                    case Double number -> creators.createFromDouble(context, number);
                    case BigDecimal number -> creators.createFromBigDecimal(context, number);
                    case Boolean truth -> creators.createFromBoolean(context, truth);
                    default -> throw new IllegalStateException("No creator takes " + value);
                };
            }
            return creators.canCreateUsingDelegate() && argument.equals(creators.getDelegateType(context.getConfig()))
                    ? creators.createUsingDelegate(context, value)
                    : creators.createUsingArrayDelegate(context, value);
        }
    }
}
