package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.InvalidPayload;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.CreatorProperty;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.bean.PropertyValueBuffer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.TypeResolverBuilder;
import tools.jackson.databind.jsontype.TypeResolverProvider;
import tools.jackson.databind.jsontype.TypeSerializer;

/**
 * Makes Jackson read a value whose JSON names its class in the form alone in which it is written, and never as null. Jackson reads
 * {@code ["Circle"]} as null where it writes {@code {"type":"Circle", ...}}: it falls back to the form of an array, whose second element may
 * be missing.
 */
final class NamedSubtypes extends AnnotationIntrospectorPair {
    private static final long serialVersionUID = 1L;

    /** The key of an attribute of a configuration that has the resolvers of Jackson, or of the application. */
    private static final Object PLAIN = new Object();

    /** The annotations of the application have priority. */
    NamedSubtypes(AnnotationIntrospector annotations, SealedTypes sealed) {
        super(annotations, sealed);
    }

    /** Refuses null for a value whose class is named by a property next to it, which Jackson sets without a deserializer. */
    static ValueDeserializerModifier modifier() {
        return new NamedBeside();
    }

    @Override
    public @Nullable Object findTypeResolverBuilder(MapperConfig<?> config, Annotated annotated) {
        JsonTypeInfo.Value declared = findPolymorphicTypeInfo(config, annotated);
        return config instanceof DeserializationConfig reading
                        && declared != null
                        && declared.getIdType() != JsonTypeInfo.Id.NONE
                        && config.getAttributes().getAttribute(PLAIN) == null
                ? new Strict(reading.withAttribute(PLAIN, true), annotated, declared.getDefaultImpl())
                : super.findTypeResolverBuilder(config, annotated);
    }

    /** The resolvers of Jackson itself, which also know the base type of a property. */
    private static final class Resolvers extends TypeResolverProvider {
        private static final long serialVersionUID = 1L;

        TypeResolverBuilder<?> of(DeserializationConfig config, Annotated annotated, JavaType type) {
            return Objects.requireNonNull(_findTypeResolver(config, annotated, type), "type information");
        }
    }

    /** Builds what Jackson would build, and checks its values. */
    private record Strict(
            DeserializationConfig config,
            Annotated annotated,
            @Nullable Class<?> defaultImpl) implements TypeResolverBuilder<Strict> {
        @Override
        public @Nullable Class<?> getDefaultImpl() {
            return defaultImpl;
        }

        @Override
        public TypeSerializer buildTypeSerializer(
                SerializationContext context, JavaType type, Collection<NamedType> subtypes) {
            throw new UnsupportedOperationException("for deserializers only");
        }

        @Override
        public @Nullable TypeDeserializer buildTypeDeserializer(
                DeserializationContext context, JavaType type, Collection<NamedType> subtypes) {
            TypeResolverBuilder<?> plain = new Resolvers().of(config, annotated, type);
            TypeDeserializer made = (defaultImpl == null ? plain : plain.withDefaultImpl(defaultImpl))
                    .buildTypeDeserializer(context, type, subtypes);
            return made == null ? null : new Checked(made, type, List.copyOf(subtypes));
        }

        @Override
        public Strict init(JsonTypeInfo.Value settings, @Nullable TypeIdResolver ids) {
            return this;
        }

        @Override
        public Strict withDefaultImpl(@Nullable Class<?> other) {
            return new Strict(config, annotated, other);
        }

        @Override
        public Strict withSettings(JsonTypeInfo.Value settings) {
            return this;
        }
    }

    /** Refuses other forms than that which is written, and null. */
    private static final class Checked extends TypeDeserializer {
        private final TypeDeserializer plain;
        private final JavaType base;
        private final List<NamedType> subtypes;

        /** Whether all subtypes are objects; null before the first value of another form. */
        private volatile @Nullable Boolean areObjects;

        Checked(TypeDeserializer plain, JavaType base, List<NamedType> subtypes) {
            this.plain = plain;
            this.base = base;
            this.subtypes = subtypes;
        }

        private @Nullable Object read(
                JsonParser parser,
                DeserializationContext context,
                BiFunction<JsonParser, DeserializationContext, @Nullable Object> reader) {
            boolean isObject = parser.hasToken(JsonToken.START_OBJECT)
                    || parser.hasToken(JsonToken.PROPERTY_NAME)
                    || parser.hasToken(JsonToken.END_OBJECT);
            if (!isObject && areObjects(context)) {
                return context.handleUnexpectedToken(base, parser);
            }
            Object value = reader.apply(parser, context);
            if (value == null) {
                throw new InvalidPayload("", isObject && isInside() ? DecodeErrors.UNKNOWN_TYPE : "must not be null");
            }
            return value;
        }

        /** Whether no value is written in another form. Jackson writes numbers, texts and arrays after the name, in an array. */
        private boolean areObjects(DeserializationContext context) {
            Boolean known = areObjects;
            if (known == null) {
                Class<?> other = plain.getDefaultImpl();
                known = isInside()
                        && hasNames()
                        && (other == null || isObject(context, other))
                        && subtypes.stream().allMatch(each -> isObject(context, each.getType()));
                areObjects = known;
            }
            return known;
        }

        /** Whether the name is a property of the object. */
        private boolean isInside() {
            JsonTypeInfo.As form = plain.getTypeInclusion();
            return form == JsonTypeInfo.As.PROPERTY || form == JsonTypeInfo.As.EXISTING_PROPERTY;
        }

        /** Whether the subtypes are known: classes by their full names are not. */
        private boolean hasNames() {
            TypeIdResolver ids = plain.getTypeIdResolver();
            return ids != null
                    && switch (ids.getMechanism()) {
                        case NAME, SIMPLE_NAME -> true;
                        default -> false;
                    };
        }

        private boolean isObject(DeserializationContext context, Class<?> subtype) {
            if (Modifier.isAbstract(subtype.getModifiers())
                    || !base.getRawClass().isAssignableFrom(subtype)) {
                return true;
            }
            // Contextual: only then it is known whether the object is an array of its properties.
            ValueDeserializer<?> reader =
                    context.findContextualValueDeserializer(context.constructSpecializedType(base, subtype), null);
            while (reader instanceof DelegatingDeserializer around) {
                reader = around.getDelegatee();
            }
            return reader instanceof BeanDeserializerBase bean
                    && Creators.of(context, bean).areOfObjects()
                    && !bean.getClass().getSimpleName().contains("AsArray");
        }

        @Override
        public TypeDeserializer forProperty(@Nullable BeanProperty property) {
            return new Checked(plain.forProperty(property), base, subtypes);
        }

        @Override
        public JsonTypeInfo.@Nullable As getTypeInclusion() {
            return plain.getTypeInclusion();
        }

        @Override
        public @Nullable String getPropertyName() {
            return plain.getPropertyName();
        }

        @Override
        public @Nullable TypeIdResolver getTypeIdResolver() {
            return plain.getTypeIdResolver();
        }

        @Override
        public @Nullable Class<?> getDefaultImpl() {
            return plain.getDefaultImpl();
        }

        @Override
        public boolean hasDefaultImpl() {
            return plain.hasDefaultImpl();
        }

        @Override
        public @Nullable Object deserializeTypedFromObject(JsonParser parser, DeserializationContext context) {
            return read(parser, context, plain::deserializeTypedFromObject);
        }

        @Override
        public @Nullable Object deserializeTypedFromArray(JsonParser parser, DeserializationContext context) {
            return read(parser, context, plain::deserializeTypedFromArray);
        }

        @Override
        public @Nullable Object deserializeTypedFromScalar(JsonParser parser, DeserializationContext context) {
            return read(parser, context, plain::deserializeTypedFromScalar);
        }

        @Override
        public @Nullable Object deserializeTypedFromAny(JsonParser parser, DeserializationContext context) {
            return read(parser, context, plain::deserializeTypedFromAny);
        }
    }

    private static final class NamedBeside extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription.Supplier bean, BeanDeserializerBuilder builder) {
            List<SettableBeanProperty> external = new ArrayList<>();
            for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
                SettableBeanProperty property = all.next();
                if (property.hasValueTypeDeserializer()
                        && property.getValueTypeDeserializer().getTypeInclusion() == JsonTypeInfo.As.EXTERNAL_PROPERTY
                        && property.getMetadata().getValueNulls() == Nulls.FAIL) {
                    external.add(property);
                }
            }
            List<SettableBeanProperty> arguments =
                    external.stream().filter(CreatorProperty.class::isInstance).toList();
            if (!arguments.isEmpty()) {
                builder.setValueInstantiator(new NotNullArguments(builder.getValueInstantiator(), arguments));
            }
            external.stream()
                    .filter(property -> !(property instanceof CreatorProperty))
                    .forEach(property -> builder.addOrReplaceProperty(new NotNull(property), true));
            return builder;
        }
    }

    private static void check(SettableBeanProperty property, @Nullable Object value) {
        if (value == null) {
            throw new InvalidPayload(property.getName(), "must not be null");
        }
    }

    /** Checks the arguments of a constructor. */
    private static final class NotNullArguments extends ValueInstantiator.Delegating {
        private static final long serialVersionUID = 1L;

        private final transient List<SettableBeanProperty> arguments;

        NotNullArguments(ValueInstantiator plain, List<SettableBeanProperty> arguments) {
            super(plain);
            this.arguments = arguments;
        }

        @Override
        public ValueInstantiator createContextual(DeserializationContext context, BeanDescription.Supplier bean) {
            return new NotNullArguments(delegate().createContextual(context, bean), arguments);
        }

        @Override
        public Object createFromObjectWith(
                DeserializationContext context, SettableBeanProperty[] properties, PropertyValueBuffer values) {
            for (SettableBeanProperty property : arguments) {
                if (values.hasParameter(property)) {
                    check(property, values.getParameter(context, property));
                }
            }
            return super.createFromObjectWith(context, properties, values);
        }
    }

    /** Checks the value of a setter or field. */
    private static final class NotNull extends SettableBeanProperty.Delegating {
        private static final long serialVersionUID = 1L;

        NotNull(SettableBeanProperty plain) {
            super(plain);
        }

        @Override
        protected SettableBeanProperty withDelegate(SettableBeanProperty other) {
            return new NotNull(other);
        }

        @Override
        public void set(DeserializationContext context, Object bean, @Nullable Object value) {
            check(this, value);
            super.set(context, bean, value);
        }

        @Override
        public Object setAndReturn(DeserializationContext context, Object bean, @Nullable Object value) {
            check(this, value);
            return super.setAndReturn(context, bean, value);
        }
    }
}
