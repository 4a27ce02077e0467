package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.schema.Schema;
import io.heliodor.wire.Creators;
import io.heliodor.wire.EnumForms;
import io.heliodor.wire.ExactForm;
import io.heliodor.wire.ExactTexts;
import io.heliodor.wire.FurtherProperties;
import io.heliodor.wire.RequiredProperties;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyName;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.CreatorProperty;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.bean.BuilderBasedDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of what a mapper reads, by its own deserializers. Not thread-safe. */
final class ReadTypes {
    private static final Set<Class<?>> TIMES = Set.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class);

    private final DeserializationContext context;
    private final WrittenTypes written;
    private final Definitions definitions = new Definitions();

    /** {@code written}: has the values of enums. */
    ReadTypes(JsonMapper mapper, WrittenTypes written) {
        this.context = mapper._deserializationContext();
        this.written = written;
    }

    Definitions definitions() {
        return definitions;
    }

    Schema of(JavaType type) {
        return of(type, null, null, context.findTypeDeserializer(type));
    }

    /** {@code property}: with a deserializer of its own, {@code known}; null for that of the type. */
    private Schema of(
            JavaType type,
            @Nullable SettableBeanProperty property,
            @Nullable ValueDeserializer<?> known,
            @Nullable TypeDeserializer typed) {
        Class<?> raw = type.getRawClass();
        if (raw == Raw.class || raw == JsonNode.class) {
            return new Schema.Any("");
        }
        if (raw == ObjectNode.class) {
            return new Schema.Entries(new Schema.Any(""));
        }
        if (raw == ArrayNode.class) {
            return new Schema.Items(new Schema.Any(""));
        }
        if (raw == Object.class && typed == null) {
            return new Schema.Present();
        }
        if (raw == Empty.class) {
            return new Schema.Fields(List.of());
        }
        if (property != null
                && (type.isReferenceType() || type.isContainerType())
                && hasElementsInAFormat(property, type.getContentType().getRawClass())) {
            return new Schema.Any("the elements of '" + property.getName() + "' have a format of their own");
        }
        if (type.isReferenceType()) {
            return of(type.getReferencedType()).orNull();
        }
        try {
            if (typed != null) {
                return family(type, typed, property);
            }
            ValueDeserializer<?> plain = context.findContextualValueDeserializer(type, null);
            ValueDeserializer<?> deserializer = known == null ? plain : known;
            boolean usual = (deserializer instanceof BeanDeserializerBase || property == null)
                    ? deserializer.equals(plain)
                    : deserializer.getClass() == plain.getClass()
                            && !Formats.isSet(property.findPropertyFormat(context.getConfig(), raw));
            return of(type, deserializer, usual, false);
        } catch (JacksonException e) {
            return new Schema.Any("Jackson cannot read " + type.toCanonical());
        }
    }

    /**
     * {@code usual}: whether a value of the type is read as elsewhere; {@code text}: whether a deserializer around this one reads
     * texts alone.
     */
    private Schema of(JavaType type, ValueDeserializer<?> deserializer, boolean usual, boolean text) {
        return switch (deserializer) {
            case ExactForm exact -> named(type, exact.schema(), usual);
            case Creators.OfOneArgument one ->
                definitions.inline(
                        one,
                        type,
                        () -> one.isScalar()
                                ? of(one.argument(), one.reader(context), usual, text)
                                : of(one.argument()));
            case DelegatingDeserializer around ->
                of(type, around.getDelegatee(), usual, text || (!isOfJackson(around) && isTime(type)));
            case BeanDeserializerBase bean ->
                !Creators.of(context, bean).areOfObjects()
                        ? new Schema.Any(type.toCanonical() + " is created from several forms of JSON")
                        : usual
                                ? definitions.define(type, () -> object(type, bean))
                                : definitions.inline(bean, type, () -> object(type, bean));
            default -> isBuiltIn(deserializer) ? builtIn(type, deserializer, usual, text) : own(type);
        };
    }

    private Schema named(JavaType type, Schema schema, boolean usual) {
        return type.isEnumType() && usual ? definitions.define(type, () -> schema) : schema;
    }

    private static Schema own(JavaType type) {
        return new Schema.Any(type.toCanonical() + " has a deserializer of its own");
    }

    /** Whether the application has no part in a deserializer. */
    private static boolean isBuiltIn(ValueDeserializer<?> deserializer) {
        return isOfJackson(deserializer) || deserializer.getClass().getName().startsWith("io.heliodor.wire.");
    }

    private static boolean isOfJackson(ValueDeserializer<?> deserializer) {
        return deserializer.getClass().getName().startsWith("tools.jackson.databind.");
    }

    private static boolean isTime(JavaType type) {
        return type.getRawClass().getPackageName().equals("java.time");
    }

    private Schema builtIn(JavaType type, ValueDeserializer<?> deserializer, boolean usual, boolean text) {
        Class<?> raw = type.getRawClass();
        if (type.isMapLikeType()) {
            return new Schema.Entries(key(type.getKeyType()), element(type.getContentType()));
        }
        if (type.hasRawClass(char[].class)) {
            return new Schema.OneOf(
                    List.of(Schema.Text.PLAIN, new Schema.Items(Schema.Text.like(ExactTexts.CHARACTER))));
        }
        if (type.isContainerType() && !type.hasRawClass(byte[].class)) {
            return new Schema.Items(element(type.getContentType()));
        }
        return switch (deserializer.logicalType()) {
            case Integer -> integer(raw);
            case Float -> new Schema.Decimal(range(raw));
            case Boolean -> new Schema.Truth();
            case Textual -> Schema.Text.PLAIN;
            case Binary -> new Schema.Any(type.toCanonical() + " is read from Base64 in several forms");
            case Enum -> choice(type, usual);
            case DateTime -> time(raw, usual, text);
            case OtherScalar -> raw == UUID.class ? Schema.Text.of("uuid") : Schema.Text.PLAIN;
            case null, default -> new Schema.Any("");
        };
    }

    private static Schema integer(Class<?> raw) {
        if (raw == Number.class) {
            return new Schema.Decimal(Optional.of("double"));
        }
        return raw == char.class || raw == Character.class
                ? Schema.Text.like(ExactTexts.CHARACTER)
                : new Schema.Whole(width(raw));
    }

    private static Optional<String> range(Class<?> raw) {
        if (raw == BigDecimal.class) {
            return Optional.empty();
        }
        return Optional.of(raw == float.class || raw == Float.class ? "float" : "double");
    }

    /** A null in a list or map is refused, unless its property allows it. */
    private Schema element(JavaType type) {
        Schema schema = of(type);
        return schema.equals(new Schema.Any("")) ? new Schema.Present() : schema;
    }

    private Schema key(JavaType type) {
        if (type.hasRawClass(String.class) || type.hasRawClass(Object.class)) {
            return Schema.Text.PLAIN;
        }
        return context.findKeyDeserializer(type, null) instanceof ExactForm exact ? exact.schema() : Schema.Text.PLAIN;
    }

    private static Schema time(Class<?> raw, boolean usual, boolean text) {
        Schema texts = new Schema.Text(usual ? format(raw) : Optional.empty(), Optional.empty(), Optional.empty());
        if (text) {
            return texts;
        }
        if (raw == Year.class) {
            return usual
                    ? new Schema.Whole(Optional.of("int64"))
                    : new Schema.Any("a year in a form of its own is also read as a number");
        }
        return new Schema.OneOf(List.of(new Schema.Decimal(Optional.empty()), texts));
    }

    private static Optional<String> width(Class<?> raw) {
        if (raw == BigInteger.class) {
            return Optional.empty();
        }
        return Optional.of(
                switch (raw.getSimpleName().toLowerCase(Locale.ROOT)) {
                    case "long", "atomiclong", "optionallong" -> "int64";
                    case "short" -> "int16";
                    case "byte" -> "int8";
                    default -> "int32";
                });
    }

    private static Optional<String> format(Class<?> raw) {
        return TIMES.contains(raw)
                ? Optional.of("date-time")
                : raw == LocalDate.class ? Optional.of("date") : Optional.empty();
    }

    /** An enum has the names that are written. One with a default value is also read from others. */
    private Schema choice(JavaType type, boolean usual) {
        Schema names = written.choice(type);
        if (!(names instanceof Schema.Choice(var values, var _))) {
            return names;
        }
        boolean open = Arrays.stream(type.getRawClass().getFields())
                .anyMatch(constant ->
                        constant.isEnumConstant() && constant.isAnnotationPresent(JsonEnumDefaultValue.class));
        List<String> all = new ArrayList<>(values);
        EnumForms.aliases(context.getConfig(), type).keySet().stream()
                .filter(alias -> !all.contains(alias))
                .forEach(all::add);
        Schema schema = EnumForms.texts(context.getConfig(), all, open);
        return usual ? definitions.define(type, () -> schema) : schema;
    }

    private Schema family(JavaType type, TypeDeserializer typed, @Nullable SettableBeanProperty property) {
        AnnotatedMember member = property == null ? null : property.getMember();
        boolean ofProperty = member != null && member.hasAnnotation(JsonTypeInfo.class);
        boolean isPlain = !isClosed(bean(type)) && Subtypes.isNamedBySupertype(type);
        Supplier<Schema> schema = () -> Subtypes.schema(
                context,
                type,
                ofProperty ? member : null,
                typed.getTypeInclusion(),
                typed.getPropertyName(),
                ofProperty ? typed.getTypeIdResolver() : written.ids(type).orElseGet(typed::getTypeIdResolver),
                typed.getDefaultImpl(),
                subtype -> (subtype.equals(type) && !isPlain) || isClosed(bean(subtype))
                        ? plainObject(subtype)
                        : of(subtype, null, null, null));
        return ofProperty
                ? definitions.inline(typed, type, schema)
                : isPlain ? schema.get() : definitions.define(type, schema);
    }

    /** A base type that is one of its own subtypes: its name is that of all of them. */
    private Schema plainObject(JavaType type) {
        BeanDeserializerBase bean = bean(type);
        return bean == null ? new Schema.Any("") : object(type, bean);
    }

    /** The deserializer of a type that is read from objects; null for other types. */
    private @Nullable BeanDeserializerBase bean(JavaType type) {
        ValueDeserializer<?> deserializer = context.findContextualValueDeserializer(type, null);
        while (deserializer instanceof DelegatingDeserializer around) {
            deserializer = around.getDelegatee();
        }
        return deserializer instanceof BeanDeserializerBase bean
                        && Creators.of(context, bean).areOfObjects()
                ? bean
                : null;
    }

    /** Whether annotations of a property change the JSON of its elements. */
    private boolean hasElementsInAFormat(SettableBeanProperty property, Class<?> raw) {
        DeserializationConfig config = context.getConfig();
        AnnotationIntrospector annotations = config.getAnnotationIntrospector();
        AnnotatedMember member = property.getMember();
        return Formats.isSet(property.findPropertyFormat(config, raw))
                || annotations.findContentDeserializer(config, member) != null
                || annotations.findDeserializationContentConverter(config, member) != null;
    }

    private Schema object(JavaType type, BeanDeserializerBase bean) {
        if (bean.getObjectIdReader(context) != null) {
            return new Schema.Any(type.toCanonical() + " has object ids, which have no schema");
        }
        if (bean.getClass().getSimpleName().contains("AsArray")) {
            return new Schema.Items(new Schema.Any(type.toCanonical() + " is an array of its properties"));
        }
        List<BeanPropertyDefinition> definitions = Creators.read(context, bean).findProperties();
        if (definitions.stream().anyMatch(property -> Formats.isNamedBeside(context, property.getPrimaryMember()))) {
            return new Schema.Any(
                    type.toCanonical() + " names the class of a property next to it, which has no schema");
        }
        if (hasUnwrapped(definitions)) {
            return new Schema.Any(
                    type.toCanonical() + " has unwrapped properties, which have no schema when they are read");
        }
        List<Schema.Field> fields = new ArrayList<>();
        Set<String> skipped = refusesIgnored() ? new TreeSet<>() : ignored(bean);
        for (Iterator<SettableBeanProperty> all = bean.properties(); all.hasNext(); ) {
            SettableBeanProperty property = all.next();
            if (property.isInjectionOnly() || property.isIgnorable()) {
                continue;
            }
            if (isUnsent(property)) {
                skipped.add(property.getName());
            } else {
                fields.add(field(property, bean));
            }
        }
        Schema.Fields object = new Schema.Fields(fields, further(bean));
        if (!object.isOpen()) {
            fields.forEach(field -> skipped.remove(field.name()));
            skipped.forEach(name -> fields.add(new Schema.Field(name, new Schema.Any(""), false)));
        }
        return new Schema.Fields(fields, object.further());
    }

    /** The values of properties that the class does not name; empty if the mapper refuses such. */
    private Optional<Schema> further(BeanDeserializerBase bean) {
        BeanDescription description = Creators.read(context, bean);
        FurtherProperties further = FurtherProperties.of(context.getConfig(), description);
        if (further != null) {
            if (!FurtherProperties.isStrict(context.getConfig()
                    .getAnnotationIntrospector()
                    .findContentDeserializer(context.getConfig(), further.member()))) {
                return Optional.of(new Schema.Any("further properties have a deserializer of their own"));
            }
            Schema value = WrittenTypes.withNullElements(of(further.type()), further.annotated());
            return Optional.of(
                    further.mayBeNull()
                            ? value.orNull()
                            : value.equals(new Schema.Any("")) ? new Schema.Present() : value);
        }
        JsonIgnoreProperties.Value ignorals =
                context.getConfig().getDefaultPropertyIgnorals(description.getBeanClass(), description.getClassInfo());
        return context.isEnabled(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        && context.getConfig().getProblemHandlers() == null
                        && (ignorals == null || !ignorals.getIgnoreUnknown())
                ? Optional.empty()
                : Optional.of(new Schema.Any(
                        refusesIgnored() && !ignored(bean).isEmpty() ? "properties that are ignored are refused" : ""));
    }

    private boolean refusesIgnored() {
        return context.isEnabled(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES);
    }

    private boolean isClosed(@Nullable BeanDeserializerBase bean) {
        return bean != null && !further(bean).equals(Optional.of(new Schema.Any("")));
    }

    /** The names of properties that are skipped where others are refused or read. */
    private Set<String> ignored(BeanDeserializerBase bean) {
        BeanDescription description = Creators.read(context, bean);
        Set<String> names = new TreeSet<>(description.getIgnoredPropertyNames());
        JsonIgnoreProperties.Value ignorals =
                context.getConfig().getDefaultPropertyIgnorals(description.getBeanClass(), description.getClassInfo());
        if (ignorals != null) {
            names.addAll(ignorals.findIgnoredForDeserialization());
        }
        return names;
    }

    /** By the definition of the class: a deserializer does not show such properties among its own. */
    private boolean hasUnwrapped(List<BeanPropertyDefinition> definitions) {
        DeserializationConfig config = context.getConfig();
        return definitions.stream()
                .map(BeanPropertyDefinition::getPrimaryMember)
                .anyMatch(member -> member != null
                        && config.getAnnotationIntrospector().findUnwrappingNameTransformer(config, member) != null);
    }

    /** The rule of a property for its elements, which an annotation of Jackson may decide. */
    private static Schema firstElements(Schema schema, @Nullable Nulls nulls) {
        return switch (schema) {
            case Schema.Items(var each) -> new Schema.Items(ruled(each, nulls));
            case Schema.Entries(var name, var value) -> new Schema.Entries(name, ruled(value, nulls));
            default -> schema;
        };
    }

    private static Schema ruled(Schema schema, @Nullable Nulls nulls) {
        return nulls == Nulls.FAIL ? schema.notNull() : nulls == null ? schema : schema.orNull();
    }

    private static boolean isUnsent(SettableBeanProperty property) {
        return property.hasValueDeserializer() && RequiredProperties.isUnsent(property.getValueDeserializer());
    }

    /** The methods of a builder need not be called. */
    private Schema.Field field(SettableBeanProperty property, BeanDeserializerBase bean) {
        TypeDeserializer typed = property.hasValueTypeDeserializer()
                ? property.getValueTypeDeserializer()
                : context.findTypeDeserializer(property.getType());
        Schema schema = of(
                property.getType(),
                property,
                property.hasValueDeserializer() ? property.getValueDeserializer() : null,
                typed);
        schema = firstElements(
                WrittenTypes.withNullElements(schema, RequiredProperties.annotatedType(property.getMember())),
                property.getMetadata().getContentNulls());
        boolean nullable = property.getMetadata().getValueNulls() != Nulls.FAIL
                && !property.getType().isPrimitive();
        return new Schema.Field(
                property.getName(),
                nullable
                        ? schema.orNull()
                        : schema.equals(new Schema.Any("")) ? new Schema.Present() : schema.notNull(),
                property.getMetadata().isRequired()
                        && (property instanceof CreatorProperty || !(bean instanceof BuilderBasedDeserializer)),
                property.findAliases(context.getConfig()).stream()
                        .map(PropertyName::getSimpleName)
                        .filter(alias -> !alias.equals(property.getName()))
                        .toList());
    }
}
