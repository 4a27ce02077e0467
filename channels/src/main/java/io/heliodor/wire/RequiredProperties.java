package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.json.Nullability;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.PropertyMetadata;
import tools.jackson.databind.PropertyName;
import tools.jackson.databind.PropertyNamingStrategy;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JacksonStdImpl;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.CreatorProperty;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.type.CollectionLikeType;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapLikeType;
import tools.jackson.databind.type.MapType;

/**
 * The introspector that makes properties required for Jackson, unless they are {@code Optional} or annotated with any {@code @Nullable}.
 * The same holds for the elements of a property that is a list or a map. The application's annotations take precedence: a property that
 * they make optional may also be null.
 */
public final class RequiredProperties extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    private static final String SETTER = "set";

    /** The key of an attribute of one deserialization: the properties of the innermost object that were set. */
    private static final Object SEEN = new Object();

    RequiredProperties() {}

    /** Checks in deserializers what an introspector cannot tell Jackson. */
    static ValueDeserializerModifier modifier() {
        return new Modifier();
    }

    /**
     * The declaration of a property.
     *
     * @param elements the elements whose annotations count
     * @param type its type
     */
    private record Declaration(List<AnnotatedElement> elements, AnnotatedType type) {
        static Declaration of(AnnotatedElement element, AnnotatedType type) {
            return new Declaration(List.of(element), type);
        }

        boolean mayBeNull() {
            return elements.stream().anyMatch(Nullability::isNullable)
                    || Nullability.mayBeNull(type)
                    || elements.stream()
                            .anyMatch(element ->
                                    element instanceof Field field && Nullability.mayBeNull(field.getAnnotatedType()));
        }
    }

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        Declaration declaration = declaration(member);
        return declaration == null
                ? null
                : !FurtherProperties.isTaken(config, member)
                        && !isOptional(member)
                        && !declaration.mayBeNull()
                        && !isUnsent(config, member);
    }

    /**
     * Whether a deserializer is of a component that clients do not send.
     *
     * @param deserializer of a property
     * @return whether it skips what they send
     */
    public static boolean isUnsent(ValueDeserializer<?> deserializer) {
        return deserializer instanceof Unsent;
    }

    /** A component that clients never send has the value of none: 0, false, an empty Optional or null. */
    @Override
    public @Nullable Object findDeserializer(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedParameter parameter && isUnsent(config, parameter)
                ? new Unsent(parameter.getType())
                : null;
    }

    @Override
    public @Nullable Object findContentDeserializer(MapperConfig<?> config, Annotated annotated) {
        return FurtherProperties.reader(config, annotated);
    }

    /** Whether a component of a record is ignored, or read-only: what clients send of it is not read, and it is not required. */
    private static boolean isUnsent(MapperConfig<?> config, AnnotatedMember member) {
        if (!(member instanceof AnnotatedParameter parameter)
                || !(parameter.getOwner().getAnnotated() instanceof Executable creator)) {
            return false;
        }
        RecordComponent[] components = creator.getDeclaringClass().getRecordComponents();
        if (components == null || !isCanonical(creator, components)) {
            return false;
        }
        String name = components[parameter.getIndex()].getName();
        try {
            Field field = creator.getDeclaringClass().getDeclaredField(name);
            return isUnsent(field)
                    || isUnsent(components[parameter.getIndex()].getAccessor())
                    || isIgnored(creator.getDeclaringClass(), jsonName(config, parameter, name));
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("The record " + creator.getDeclaringClass() + " has no field " + name, e);
        }
    }

    private static String jsonName(MapperConfig<?> config, AnnotatedParameter parameter, String name) {
        JsonProperty explicit = parameter.getAnnotation(JsonProperty.class);
        if (explicit != null && !explicit.value().isEmpty()) {
            return explicit.value();
        }
        PropertyNamingStrategy naming = config.getPropertyNamingStrategy();
        return naming == null ? name : naming.nameForConstructorParameter(config, parameter, name);
    }

    /** Whether annotations of a record exclude a property from what is read. */
    private static boolean isIgnored(Class<?> type, String name) {
        JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
        JsonIncludeProperties included = type.getAnnotation(JsonIncludeProperties.class);
        return (ignored != null
                        && !ignored.allowSetters()
                        && List.of(ignored.value()).contains(name))
                || (included != null && !List.of(included.value()).contains(name));
    }

    /** Whether a type argument of its class makes a property optional, which its declaration does not show. */
    private static boolean isOptional(AnnotatedMember member) {
        return isOptional(type(member));
    }

    private static JavaType type(AnnotatedMember member) {
        return member instanceof AnnotatedMethod setter ? setter.getParameterType(0) : member.getType();
    }

    static boolean isOptional(JavaType type) {
        return type.getRawClass().getName().startsWith("java.util.Optional");
    }

    /**
     * The type of a property with its annotations.
     *
     * @param member a member by which the property is read
     * @return the type; null for a member that has no value in JSON
     */
    public static @Nullable AnnotatedType annotatedType(@Nullable AnnotatedMember member) {
        Declaration declaration = declaration(member);
        return declaration == null ? null : declaration.type();
    }

    private static boolean isUnsent(AnnotatedElement element) {
        JsonIgnore ignored = element.getAnnotation(JsonIgnore.class);
        JsonProperty property = element.getAnnotation(JsonProperty.class);
        return (ignored != null && ignored.value())
                || (property != null && property.access() == JsonProperty.Access.READ_ONLY);
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
        Declaration declaration = declaration(annotated);
        if (declaration == null || !(annotated instanceof AnnotatedMember member)) {
            return JsonSetter.Value.empty();
        }
        boolean allowed = declaration.mayBeNull()
                || isOptional(member)
                || Boolean.FALSE.equals(config.getAnnotationIntrospector().hasRequiredMarker(config, member));
        JavaType elements = type(member).getContentType();
        JsonSetter.Value declared = Nullability.setter(allowed, declaration.type());
        return elements != null && isOptional(elements) ? declared.withContentNulls(Nulls.SET) : declared;
    }

    /** The declaration of a property; null for a member that has no value in JSON. */
    private static @Nullable Declaration declaration(@Nullable Annotated annotated) {
        return switch (annotated) {
            case AnnotatedParameter parameter
            when parameter.getOwner().getAnnotated() instanceof Executable creator ->
                ofCreator(creator, parameter.getIndex());
            case AnnotatedField field ->
                Declaration.of(field.getAnnotated(), field.getAnnotated().getAnnotatedType());
            case AnnotatedMethod method when method.getParameterCount() == 1 -> ofSetter(method.getAnnotated());
            case null, default -> null;
        };
    }

    private static Declaration ofCreator(Executable creator, int index) {
        RecordComponent[] components = creator.getDeclaringClass().getRecordComponents();
        if (components != null && isCanonical(creator, components)) {
            return Declaration.of(components[index], components[index].getAnnotatedType());
        }
        Parameter parameter = creator.getParameters()[index];
        return Declaration.of(parameter, parameter.getAnnotatedType());
    }

    private static boolean isCanonical(Executable creator, RecordComponent[] components) {
        return creator instanceof Constructor<?>
                && Arrays.equals(
                        creator.getParameterTypes(),
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    }

    /** The declaration of a setter, to which the annotations of the field of the same name belong as well. */
    private static Declaration ofSetter(Method setter) {
        Parameter parameter = setter.getParameters()[0];
        return field(setter)
                .map(field -> new Declaration(List.of(parameter, field), parameter.getAnnotatedType()))
                .orElseGet(() -> Declaration.of(parameter, parameter.getAnnotatedType()));
    }

    private static Optional<Field> field(Method setter) {
        String name = setter.getName();
        if (!name.startsWith(SETTER) || name.length() == SETTER.length()) {
            return Optional.empty();
        }
        String property = name.substring(SETTER.length(), SETTER.length() + 1).toLowerCase(Locale.ROOT)
                + name.substring(SETTER.length() + 1);
        return Arrays.stream(setter.getDeclaringClass().getDeclaredFields())
                .filter(field -> field.getName().equals(property))
                .findFirst();
    }

    /**
     * Makes Jackson check required properties of classes with setters or fields, since it checks those of constructors only, such as records;
     * classes that are built by a builder are not checked.
     *
     * <p>And decides at each level of lists, arrays and maps whether an element may be null. Jackson applies the rule of a property to all levels
     * of its containers, so a {@code List<Optional<String[]>>} would accept null in its arrays, and a {@code Map<String, List<OptionalInt>>}
     * would not read what it writes. The annotations of the application decide about the first level of a property.
     */
    private static final class Modifier extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription.Supplier bean, BeanDeserializerBuilder builder) {
            FurtherProperties.hideParameters(config, builder);
            if (Throwable.class.isAssignableFrom(bean.getBeanClass())
                    || builder.getBuildMethod() != null
                    || builder.getObjectIdReader() != null) {
                return builder;
            }
            List<SettableBeanProperty> required = new ArrayList<>();
            for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
                SettableBeanProperty property = all.next();
                if (property.isRequired()
                        && !(property instanceof CreatorProperty)
                        && !property.isInjectionOnly()
                        && config.getAnnotationIntrospector()
                                        .findUnwrappingNameTransformer(config, property.getMember())
                                == null) {
                    required.add(property);
                }
            }
            for (int i = 0; i < required.size(); i++) {
                builder.addOrReplaceProperty(new Tracked(required.get(i), i), true);
            }
            return builder;
        }

        @Override
        public ValueDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
            if (!(deserializer instanceof BeanDeserializerBase properties)) {
                return deserializer;
            }
            if (bean.get().getObjectIdInfo() != null) {
                return deserializer; // a reference to it is not an object
            }
            Creators form = Creators.of(config, bean.get(), properties);
            if (!form.areOfObjects()) {
                return form.strict(properties);
            }
            List<String> required = required(properties);
            return required.isEmpty()
                            && Creators.arguments(config, properties.getValueInstantiator())
                                    .isEmpty()
                    ? deserializer
                    : new Checked(deserializer, required);
        }

        @Override
        public ValueDeserializer<?> modifyArrayDeserializer(
                DeserializationConfig config,
                ArrayType type,
                BeanDescription.Supplier bean,
                ValueDeserializer<?> array) {
            return at(type, array);
        }

        @Override
        public ValueDeserializer<?> modifyCollectionDeserializer(
                DeserializationConfig config,
                CollectionType type,
                BeanDescription.Supplier bean,
                ValueDeserializer<?> all) {
            return at(type, all);
        }

        @Override
        public ValueDeserializer<?> modifyCollectionLikeDeserializer(
                DeserializationConfig config,
                CollectionLikeType type,
                BeanDescription.Supplier bean,
                ValueDeserializer<?> all) {
            return at(type, all);
        }

        @Override
        public ValueDeserializer<?> modifyMapDeserializer(
                DeserializationConfig config, MapType type, BeanDescription.Supplier bean, ValueDeserializer<?> map) {
            return at(type, map);
        }

        @Override
        public ValueDeserializer<?> modifyMapLikeDeserializer(
                DeserializationConfig config,
                MapLikeType type,
                BeanDescription.Supplier bean,
                ValueDeserializer<?> map) {
            return at(type, map);
        }

        private static ValueDeserializer<?> at(JavaType type, ValueDeserializer<?> container) {
            return WrittenForms.isJacksons(container) && !type.getContentType().isPrimitive()
                    ? new Level(type.getContentType(), container)
                    : container;
        }
    }

    /** The names of required properties by index; an empty one for a property that is ignored in this context. */
    private static List<String> required(BeanDeserializerBase properties) {
        List<String> required = new ArrayList<>();
        properties.properties().forEachRemaining(property -> {
            if (property instanceof Tracked tracked) {
                while (required.size() <= tracked.index) {
                    required.add("");
                }
                required.set(tracked.index, property.getName());
            }
        });
        return List.copyOf(required);
    }

    /** A required property that records that it was set. */
    private static final class Tracked extends SettableBeanProperty.Delegating {
        private static final long serialVersionUID = 1L;

        private final int index;

        Tracked(SettableBeanProperty delegate, int index) {
            super(delegate);
            this.index = index;
        }

        @Override
        protected SettableBeanProperty withDelegate(SettableBeanProperty other) {
            return new Tracked(other, index);
        }

        @Override
        public void deserializeAndSet(JsonParser parser, DeserializationContext context, Object bean) {
            super.deserializeAndSet(parser, context, bean);
            record(context);
        }

        @Override
        public Object deserializeSetAndReturn(JsonParser parser, DeserializationContext context, Object bean) {
            Object result = super.deserializeSetAndReturn(parser, context, bean);
            record(context);
            return result;
        }

        @Override
        public void set(DeserializationContext context, Object bean, @Nullable Object value) {
            super.set(context, bean, value);
            record(context);
        }

        @Override
        public Object setAndReturn(DeserializationContext context, Object bean, @Nullable Object value) {
            Object result = super.setAndReturn(context, bean, value);
            record(context);
            return result;
        }

        private void record(DeserializationContext context) {
            if (context.getAttribute(SEEN) instanceof boolean[] seen && index < seen.length) {
                seen[index] = true;
            }
        }
    }

    /** A deserializer that reads objects alone, and checks that all required properties were set. */
    private static final class Checked extends DelegatingDeserializer {
        private static final long serialVersionUID = 1L;

        private final transient List<String> required;

        Checked(ValueDeserializer<?> delegatee, List<String> required) {
            super(delegatee);
            this.required = required;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Checked(
                    other, other instanceof BeanDeserializerBase properties ? required(properties) : required);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.START_OBJECT)
                    && !parser.hasToken(JsonToken.PROPERTY_NAME)
                    && !parser.hasToken(JsonToken.END_OBJECT)) {
                return getDelegatee().getClass().getSimpleName().contains("AsArray")
                        ? super.deserialize(parser, context)
                        : context.handleUnexpectedToken(handledType(), parser);
            }
            if (required.isEmpty()) {
                return super.deserialize(parser, context);
            }
            Object outer = context.getAttribute(SEEN);
            boolean[] seen = new boolean[required.size()];
            context.setAttribute(SEEN, seen);
            Object value;
            try {
                value = super.deserialize(parser, context);
            } finally {
                context.setAttribute(SEEN, outer);
            }
            for (int i = 0; i < seen.length; i++) {
                if (!seen[i] && !required.get(i).isEmpty()) {
                    context.reportPropertyInputMismatch(
                            handledType(), required.get(i), "Missing required property '%s'", required.get(i));
                }
            }
            return value;
        }
    }

    /**
     * Makes the deserializer of a container with the rule of its level, and reads no value itself. It counts as one of Jackson, whose
     * deserializer of objects reads the lists and maps inside of them itself.
     */
    @JacksonStdImpl
    private static final class Level extends DelegatingDeserializer {
        /** The type of the elements of this level. The container may be a class that implements the type of a property. */
        private final transient JavaType elements;

        Level(JavaType elements, ValueDeserializer<?> container) {
            super(container);
            this.elements = elements;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Level(elements, other);
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return context.handleSecondaryContextualization(
                    getDelegatee(), ruled(property), context.constructType(handledType()));
        }

        /** The property with the rule of this level. Without a property, Jackson refuses nulls. */
        private @Nullable BeanProperty ruled(@Nullable BeanProperty property) {
            boolean isOptional = isOptional(elements);
            if (property == null) {
                return isOptional
                        ? new BeanProperty.Std(
                                PropertyName.NO_NAME, elements, null, null, ruled(PropertyMetadata.STD_OPTIONAL, true))
                        : null;
            }
            PropertyMetadata metadata = property.getMetadata();
            if (elements.equals(property.getType().getContentType()) && metadata.getContentNulls() != null) {
                return property;
            }
            boolean allowed = isOptional || isAnnotated(property);
            return metadata.getContentNulls() == (allowed ? Nulls.SET : Nulls.FAIL)
                    ? property
                    : new BeanProperty.Std(
                            property.getFullName(),
                            property.getType(),
                            property.getWrapperName(),
                            property.getMember(),
                            ruled(metadata, allowed));
        }

        private static PropertyMetadata ruled(PropertyMetadata metadata, boolean allowed) {
            return metadata.withNulls(metadata.getValueNulls(), allowed ? Nulls.SET : Nulls.FAIL);
        }

        /** Whether the declaration of a property permits null in the elements of this level. */
        private boolean isAnnotated(BeanProperty property) {
            JavaType level = property.getType().getContentType();
            AnnotatedType annotated = Nullability.element(annotatedType(property.getMember()));
            while (annotated != null && level != null && !level.equals(elements)) {
                level = level.getContentType();
                annotated = Nullability.element(annotated);
            }
            return annotated != null && level != null && Nullability.mayBeNull(annotated);
        }
    }

    /** A deserializer of a component of a record that clients do not send: whatever they send is skipped. */
    private static final class Unsent extends StdDeserializer<Object> {
        private final transient @Nullable Object none;

        Unsent(JavaType type) {
            super(type);
            this.none = none(type.getRawClass());
        }

        private static @Nullable Object none(Class<?> type) {
            if (type.isPrimitive()) {
                return Array.get(Array.newInstance(type, 1), 0);
            }
            if (type == Optional.class) {
                return Optional.empty();
            }
            if (type == OptionalInt.class) {
                return OptionalInt.empty();
            }
            if (type == OptionalLong.class) {
                return OptionalLong.empty();
            }
            return type == OptionalDouble.class ? OptionalDouble.empty() : null;
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            parser.skipChildren();
            return none;
        }

        @Override
        public @Nullable Object getNullValue(DeserializationContext context) {
            return none;
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return none;
        }
    }
}
