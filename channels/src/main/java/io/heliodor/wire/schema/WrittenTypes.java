package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.json.Nullability;
import io.heliodor.schema.Schema;
import io.heliodor.wire.EnumForms;
import io.heliodor.wire.ExactTexts;
import io.heliodor.wire.Numbers;
import io.heliodor.wire.WrittenForms;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Year;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.AnyGetterWriter;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.PropertyWriter;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.impl.UnknownSerializer;
import tools.jackson.databind.util.NameTransformer;

/** The schemas of what a mapper writes, by its own serializers. Not thread-safe. */
final class WrittenTypes {
    private final SerializationContext context;
    private final Definitions definitions = new Definitions();

    WrittenTypes(JsonMapper mapper) {
        context = mapper._serializationContext();
    }

    Definitions definitions() {
        return definitions;
    }

    Schema of(JavaType type) {
        return of(type, null, null, context.findTypeSerializer(type));
    }

    /** {@code property}: with a serializer of its own, {@code known}; null for that of the type. */
    private Schema of(
            JavaType type,
            @Nullable BeanPropertyWriter property,
            @Nullable ValueSerializer<?> known,
            @Nullable TypeSerializer typed) {
        Class<?> raw = type.getRawClass();
        if (raw == Raw.class || raw == JsonNode.class) {
            return new Schema.Any("");
        }
        if (raw == Object.class && typed == null) {
            return new Schema.Present();
        }
        if (raw == ObjectNode.class) {
            return new Schema.Entries(new Schema.Any(""));
        }
        if (raw == ArrayNode.class) {
            return new Schema.Items(new Schema.Any(""));
        }
        if (raw == Empty.class) {
            return new Schema.Fields(List.of());
        }
        if (type.isReferenceType()) {
            if (property != null
                    && hasElementsInAFormat(property, type.getReferencedType().getRawClass())) {
                return new Schema.Any("the value of '" + property.getName() + "' has a format of its own");
            }
            JavaType content = type.getReferencedType();
            return of(content).orNull();
        }
        try {
            if (typed != null) {
                return family(type, typed, property);
            }
            ValueSerializer<?> plain = context.findPrimaryPropertySerializer(type, null);
            ValueSerializer<?> serializer = known == null ? plain : known;
            if (property != null && type.isContainerType() && hasElementsInAFormat(property, raw)) {
                return new Schema.Any("the elements of '" + property.getName() + "' have a format of their own");
            }
            boolean usual = (serializer instanceof BeanSerializerBase || property == null)
                    ? serializer.equals(plain)
                    : serializer.getClass() == plain.getClass()
                            && !Formats.isSet(property.findPropertyFormat(context.getConfig(), raw));
            return of(type, serializer, usual);
        } catch (JacksonException e) {
            return new Schema.Any("Jackson cannot write " + type.toCanonical());
        }
    }

    /** {@code usual}: whether a value of the type is written as elsewhere, without a format of its own. */
    private Schema of(JavaType type, ValueSerializer<?> serializer, boolean usual) {
        if (type.hasRawClass(Number.class) && hasNumbersAsTexts()) {
            return new Schema.Any("a number of some classes is written as a text");
        }
        Numbers.Form texts = Numbers.form(type.getRawClass());
        if (texts != null && WrittenForms.isText(serializer)) {
            return texts.schema();
        }
        if (type.isEnumType() && isOfJackson(serializer)) {
            Schema schema = choice(WrittenForms.constants(context, type, serializer));
            if (schema != null) {
                return usual ? definitions.define(type, () -> schema) : schema;
            }
        }
        if (type.hasRawClass(Year.class) && usual) {
            return new Schema.Whole(Optional.of("int32"));
        }
        if (!isOfJackson(serializer)) {
            return new Schema.Any(type.toCanonical() + " has a serializer of its own");
        }
        if (type.isContainerType()) {
            Schema container = container(type);
            if (container != null) {
                return container;
            }
        }
        return switch (serializer) {
            case BeanSerializerBase bean when usual -> definitions.define(type, () -> object(type, bean));
            case BeanSerializerBase bean -> definitions.inline(bean, type, () -> object(type, bean));
            case UnknownSerializer _ ->
                type.isFinal()
                        ? new Schema.Fields(List.of())
                        : new Schema.Any("a value of " + type.toCanonical() + " may be of any class");
            default -> {
                WrittenValue value = new WrittenValue(context, this, type, usual);
                Schema schema = definitions.inline(serializer, type, () -> {
                    serializer.acceptJsonFormatVisitor(value, type);
                    return value.schema();
                });
                yield schema instanceof Schema.Choice && usual ? definitions.define(type, () -> schema) : schema;
            }
        };
    }

    /** The member that is the value of a class, by {@code @JsonValue}; null if there is none. */
    static @Nullable AnnotatedMember valueAccessor(SerializationContext context, JavaType type) {
        return context.introspectBeanDescription(type, context.introspectClassAnnotations(type))
                .findJsonValueAccessor();
    }

    /** Whether the mapper writes a number as a text by its class, which a property of the type Number may have. */
    private boolean hasNumbersAsTexts() {
        return Stream.of(Integer.class, Long.class, Double.class, BigDecimal.class, BigInteger.class)
                .anyMatch(number -> WrittenForms.isText(
                        context.findPrimaryPropertySerializer(context.constructType(number), null)));
    }

    /** The ids of subtypes. Those of a deserializer lack the ids by classes. */
    Optional<TypeIdResolver> ids(JavaType type) {
        return Optional.ofNullable(context.findTypeSerializer(type)).map(TypeSerializer::getTypeIdResolver);
    }

    /** The names of the values of an enum, or whatever else it is written as. It is not defined. */
    Schema choice(JavaType type) {
        Schema constants =
                choice(WrittenForms.constants(context, type, context.findPrimaryPropertySerializer(type, null)));
        if (constants != null) {
            return constants;
        }
        WrittenValue value = new WrittenValue(context, this, type, true);
        context.findPrimaryPropertySerializer(type, null).acceptJsonFormatVisitor(value, type);
        return value.schema();
    }

    /** The values of an enum, if all are texts or integers. */
    private static @Nullable Schema choice(List<JsonNode> constants) {
        return !constants.isEmpty() && constants.stream().allMatch(each -> each.isString() || each.isIntegralNumber())
                ? EnumForms.schema(constants.stream()
                        .map(each -> each.isString() ? (Object) each.asString() : each.asLong())
                        .distinct()
                        .toList())
                : null;
    }

    private Schema key(JavaType type) {
        Class<?> raw = type.getRawClass();
        Schema known = ExactTexts.key(raw);
        if (known != null) {
            return known;
        }
        if (!type.isEnumType()) {
            return Schema.Text.PLAIN;
        }
        return new Schema.Choice(
                WrittenForms.keys(context, type).stream().distinct().toList(), false);
    }

    private @Nullable Schema container(JavaType type) {
        if (type.isMapLikeType()) {
            return new Schema.Entries(key(type.getKeyType()), of(type.getContentType()));
        }
        if (type.isArrayType() && type.getContentType().hasRawClass(byte.class)) {
            return Base64Variants.MIME_NO_LINEFEEDS.equals(context.getConfig().getBase64Variant())
                    ? ExactTexts.BASE64
                    : new Schema.Text(Optional.empty(), Optional.of("base64"), Optional.empty());
        }
        if (type.isArrayType() && type.getContentType().hasRawClass(char.class)) {
            return context.isEnabled(SerializationFeature.WRITE_CHAR_ARRAYS_AS_JSON_ARRAYS)
                    ? new Schema.Items(Schema.Text.like(ExactTexts.CHARACTER))
                    : Schema.Text.PLAIN;
        }
        return type.isCollectionLikeType() || type.isArrayType() ? new Schema.Items(of(type.getContentType())) : null;
    }

    private Schema family(JavaType type, TypeSerializer typed, @Nullable BeanPropertyWriter property) {
        AnnotatedMember member = property == null ? null : property.getMember();
        boolean ofProperty = member != null && member.hasAnnotation(JsonTypeInfo.class);
        boolean isPlain = !hasFurther(type) && Subtypes.isNamedBySupertype(type);
        Supplier<Schema> schema = () -> Subtypes.schema(
                context,
                type,
                ofProperty ? member : null,
                typed.getTypeInclusion(),
                typed.getPropertyName(),
                typed.getTypeIdResolver(),
                null,
                subtype -> (subtype.equals(type) && !isPlain) || hasFurther(subtype)
                        ? plainObject(subtype)
                        : of(subtype, null, null, null));
        return ofProperty
                ? definitions.inline(typed, type, schema)
                : isPlain ? schema.get() : definitions.define(type, schema);
    }

    /** A base type that is one of its own subtypes: its name is that of all of them. */
    private Schema plainObject(JavaType type) {
        return context.findPrimaryPropertySerializer(type, null) instanceof BeanSerializerBase bean
                ? object(type, bean)
                : new Schema.Any("");
    }

    private boolean hasFurther(JavaType type) {
        return context.introspectBeanDescription(type, context.introspectClassAnnotations(type))
                        .findAnyGetter()
                != null;
    }

    private static boolean isOfJackson(ValueSerializer<?> serializer) {
        String name = serializer.getClass().getName();
        return name.startsWith("tools.jackson.") || name.startsWith("io.heliodor.wire.");
    }

    /** Whether annotations of a property change the JSON of its elements. */
    private boolean hasElementsInAFormat(BeanPropertyWriter property, Class<?> raw) {
        AnnotationIntrospector annotations = context.getConfig().getAnnotationIntrospector();
        AnnotatedMember member = property.getMember();
        return Formats.isSet(property.findPropertyFormat(context.getConfig(), raw))
                || annotations.findContentSerializer(context.getConfig(), member) != null
                || annotations.findSerializationContentConverter(context.getConfig(), member) != null;
    }

    private Schema object(JavaType type, BeanSerializerBase bean) {
        if (bean.usesObjectId()) {
            return new Schema.Any(type.toCanonical() + " has object ids, which have no schema");
        }
        if (bean.getClass().getSimpleName().contains("AsArray")) {
            return new Schema.Items(new Schema.Any(type.toCanonical() + " is an array of its properties"));
        }
        for (Iterator<PropertyWriter> all = bean.properties(); all.hasNext(); ) {
            if (Formats.isNamedBeside(context, all.next().getMember())) {
                return new Schema.Any(
                        type.toCanonical() + " names the class of a property next to it, which has no schema");
            }
        }
        List<Schema.Field> fields = new ArrayList<>();
        Schema further = new Schema.Any("");
        for (Iterator<PropertyWriter> all = bean.properties(); all.hasNext(); ) {
            switch (all.next()) {
                case AnyGetterWriter any -> further = further(any);
                case BeanPropertyWriter property -> add(property, fields);
                default -> {}
            }
        }
        return new Schema.Fields(fields, Optional.of(further));
    }

    /** The values of a map whose entries are properties of the object. */
    private Schema further(AnyGetterWriter any) {
        JavaType type = any.getType();
        if (!type.isMapLikeType() || hasElementsInAFormat(any, type.getRawClass())) {
            return new Schema.Any("");
        }
        Schema map = of(type);
        for (AnnotatedType each : Declared.of(any.getMember()).types()) {
            map = withNullElements(map, each);
        }
        return map instanceof Schema.Entries(var _, var value) ? value : new Schema.Any("");
    }

    private void add(BeanPropertyWriter property, List<Schema.Field> fields) {
        JavaType type = property.getSerializationType() == null ? property.getType() : property.getSerializationType();
        if (property.isUnwrapping()) {
            NameTransformer names = context.getConfig()
                    .getAnnotationIntrospector()
                    .findUnwrappingNameTransformer(context.getConfig(), property.getMember());
            ValueSerializer<?> inner = context.findPrimaryPropertySerializer(type, property)
                    .unwrappingSerializer(names == null ? NameTransformer.NOP : names);
            List<Schema.Field> unwrapped = new ArrayList<>();
            for (Iterator<PropertyWriter> all = inner.properties(); all.hasNext(); ) {
                if (all.next() instanceof BeanPropertyWriter each && !(each instanceof AnyGetterWriter)) {
                    add(each, unwrapped);
                }
            }
            boolean always = !Declared.of(property.getMember()).mayBeNull();
            unwrapped.forEach(
                    field -> fields.add(new Schema.Field(field.name(), field.schema(), always && field.required())));
            return;
        }
        ValueSerializer<?> serializer = property.getSerializer();
        Schema schema = of(
                type,
                property,
                serializer == null ? context.findPrimaryPropertySerializer(type, property) : serializer,
                property.getTypeSerializer() == null ? context.findTypeSerializer(type) : property.getTypeSerializer());
        Declared declared = Declared.of(property.getMember());
        for (AnnotatedType each : declared.types()) {
            schema = withNullElements(schema, each);
        }
        boolean nullable = !type.isPrimitive()
                && (declared.mayBeNull()
                        || type.getRawClass().getName().startsWith("java.util.Optional")
                        || isOptional(property.getMember()));
        JsonInclude.Include inclusion = property.findPropertyInclusion(context.getConfig(), type.getRawClass())
                .getValueInclusion();
        boolean always = switch (inclusion) {
            case NON_NULL -> !nullable || (type.isReferenceType() && !declared.isAnnotated());
            case NON_ABSENT -> !nullable;
            case NON_EMPTY, NON_DEFAULT, CUSTOM -> false;
            case ALWAYS, USE_DEFAULTS -> true;
        };
        boolean writesNull = nullable
                && switch (inclusion) {
                    case NON_NULL -> type.isReferenceType();
                    // An Optional is left out, and not one that is empty inside of another.
                    case NON_ABSENT, NON_EMPTY ->
                        type.isReferenceType() && type.getReferencedType().isReferenceType();
                    case NON_DEFAULT, CUSTOM, ALWAYS, USE_DEFAULTS -> true;
                };
        fields.add(new Schema.Field(property.getName(), writesNull ? schema.orNull() : schema.notNull(), always));
    }

    /** Whether the annotations of the mapper, such as those of Kotlin, make a property optional. */
    private boolean isOptional(AnnotatedMember member) {
        return Boolean.FALSE.equals(
                context.getConfig().getAnnotationIntrospector().hasRequiredMarker(context.getConfig(), member));
    }

    /** A schema with null where the annotations of a type permit it, at each level of its containers. */
    static Schema withNullElements(Schema schema, @Nullable AnnotatedType type) {
        AnnotatedType element = Nullability.element(type);
        if (type == null || element == null) {
            return schema;
        }
        return switch (schema) {
            case Schema.Items(var each) -> new Schema.Items(element(each, element));
            case Schema.Entries(var name, var value) -> new Schema.Entries(name, element(value, element));
            // The element of an Optional is its value, which is a container.
            case Schema.Nullable(var inner) ->
                withNullElements(inner, Nullability.isOptional(type) ? element : type)
                        .orNull();
            default -> schema;
        };
    }

    private static Schema element(Schema schema, AnnotatedType type) {
        Schema inner = withNullElements(schema, type);
        return Nullability.mayBeNull(type) ? inner.orNull() : inner;
    }

    /**
     * The annotations of a property that is written.
     *
     * @param elements its declarations
     * @param types its types with their annotations
     */
    private record Declared(List<AnnotatedElement> elements, List<AnnotatedType> types) {
        static Declared of(AnnotatedMember member) {
            List<AnnotatedElement> elements = new ArrayList<>();
            List<AnnotatedType> types = new ArrayList<>();
            Member declared = member.getMember();
            if (declared instanceof Method getter) {
                elements.add(getter);
                types.add(getter.getAnnotatedReturnType());
            }
            String name = declared.getName();
            Class<?> owner = declared.getDeclaringClass();
            if (owner.isRecord()) {
                for (RecordComponent component : owner.getRecordComponents()) {
                    if (component.getName().equals(name)) {
                        elements.add(component);
                        types.add(component.getAnnotatedType());
                    }
                }
            }
            Arrays.stream(owner.getDeclaredFields())
                    .filter(field -> isFieldOf(field, declared))
                    .forEach(field -> {
                        elements.add(field);
                        types.add(field.getAnnotatedType());
                    });
            return new Declared(elements, types);
        }

        private static boolean isFieldOf(Field field, Member declared) {
            String name = declared.getName();
            return field.getName().equals(name)
                    || (name.startsWith("get")
                            && name.length() > 3
                            && name.substring(3).equalsIgnoreCase(field.getName()));
        }

        boolean isAnnotated() {
            return elements.stream().anyMatch(Nullability::isNullable)
                    || types.stream().anyMatch(Nullability::isNullable);
        }

        boolean mayBeNull() {
            return isAnnotated() || types.stream().anyMatch(Nullability::mayBeNull);
        }
    }
}
