package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.type.Type;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyName;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import tools.jackson.databind.deser.jdk.EnumDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.StdValueInstantiator;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.PropertyWriter;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.impl.UnknownSerializer;
import tools.jackson.databind.type.TypeFactory;
import tools.jackson.databind.util.ClassUtil;

/**
 * Finds payload types that a mapper can never read or write, before the first payload arrives. It uses the deserializers and serializers
 * of the mapper itself, which keeps them for the payloads, so that modules, mixins and annotations count. It creates no value.
 *
 * <p>A type with a deserializer of the application is not examined further, and neither is a mapper with problem handlers.
 */
final class PayloadTypes {
    /** Settings with which a mapper reads other forms than it writes. */
    private static final List<DeserializationFeature> WIDER = List.of(
            DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
            DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS,
            DeserializationFeature.ACCEPT_EMPTY_ARRAY_AS_NULL_OBJECT);

    /** Features of a format with which a type or property is read or written in other forms, too. */
    private static final List<JsonFormat.Feature> OTHER_FORMS = List.of(
            JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
            JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED,
            JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES,
            JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES);

    /** Levels by which the type arguments of a record may be deeper than where it was first found. */
    private static final int MAX_GROWTH = 8;

    private final JsonMapper mapper;

    PayloadTypes(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * The reason for which no payload can be read as a type; empty if there is none.
     *
     * @param type the type
     * @param object whether the payload is always a JSON object, as that of an event
     */
    Optional<String> unreadable(Type<?> type, boolean object) {
        if (isBuiltIn(type)) {
            return Optional.empty();
        }
        JavaType read = mapper.constructType(type.type());
        Optional<String> before = setting().or(() -> growing(read));
        return before.isPresent() || mapper.deserializationConfig().getProblemHandlers() != null
                ? before
                : new Reading(mapper._deserializationContext())
                        .problem(read, object)
                        .map(PayloadTypes::sentence);
    }

    /**
     * The first setting of the mapper with which the JSON of a type is another one in each place, so that no contract can promise it, and
     * what to write instead.
     */
    private Optional<String> setting() {
        if (mapper.isEnabled(SerializationFeature.WRAP_ROOT_VALUE)
                || mapper.isEnabled(DeserializationFeature.UNWRAP_ROOT_VALUE)) {
            return Optional.of(
                    "The mapper has WRAP_ROOT_VALUE or UNWRAP_ROOT_VALUE, and the payload of an event would have"
                            + " another form than its type; disable both, and write a record with one component instead.");
        }
        for (DeserializationFeature wider : WIDER) {
            if (mapper.isEnabled(wider)) {
                return Optional.of("The mapper has " + wider
                        + ", with which clients may send another form than that of the type; disable it"
                        + otherwise("DeserializationFeature." + wider));
            }
        }
        if (mapper.isEnabled(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)) {
            return Optional.of(
                    "The mapper has ACCEPT_CASE_INSENSITIVE_PROPERTIES, and no contract has all the names that it"
                            + " reads; write @JsonAlias at a property with a second name, and disable it"
                            + otherwise("MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES"));
        }
        if (mapper.deserializationConfig().getDefaultTyper(mapper.constructType(Object.class)) != null) {
            return Optional.of(
                    "The mapper has default typing, and clients could name the classes that the server creates;"
                            + " take a mapper without it, and write @JsonTypeInfo with @JsonSubTypes, or a sealed interface.");
        }
        if (mapper.isEnabled(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)) {
            return Optional.of(
                    "The mapper has WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, and clients would get an element in the"
                            + " place of a list; disable it"
                            + otherwise("SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED"));
        }
        if (!mapper.isEnabled(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)) {
            return Optional.of(
                    "The mapper has no WRITE_EMPTY_JSON_ARRAYS, and clients would miss a list that is empty; enable it,"
                            + " and write @JsonInclude(NON_EMPTY) at a list that may be left out.");
        }
        if (!mapper.isEnabled(MapperFeature.USE_ANNOTATIONS)) {
            return Optional.of("The mapper has no USE_ANNOTATIONS, and no component would be required; enable it.");
        }
        int json = mapper.serializationConfig().getFormatWriteFeatures();
        if (JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS.enabledIn(json)) {
            return Optional.of(
                    "The mapper has WRITE_NUMBERS_AS_STRINGS, and its numbers would not be read back; disable it,"
                            + " and write @JsonFormat(shape = STRING) at numbers beyond 2^53.");
        }
        if (!JsonWriteFeature.QUOTE_PROPERTY_NAMES.enabledIn(json)) {
            return Optional.of("The mapper has no QUOTE_PROPERTY_NAMES, and would not write JSON; enable it.");
        }
        return Optional.empty();
    }

    /** The line to write if other parts of the application need a feature. */
    private static String otherwise(String feature) {
        return ", or, if other parts of the application need it, write .json(mapper.rebuild().disable(" + feature
                + ").build()) at the builder of the endpoint, of the test kit or of the tokens, in Spring in an"
                + " EndpointCustomizer.";
    }

    /** A record that contains itself with larger and larger type arguments has no end, and Jackson searches it. */
    private static Optional<String> growing(JavaType type) {
        return growing(type, type, new HashSet<>(), new HashMap<>());
    }

    /** {@code depths}: how deep the type arguments of each record are where it was first found. */
    private static Optional<String> growing(
            JavaType root, JavaType type, Set<JavaType> visited, Map<Class<?>, Integer> depths) {
        if (!visited.add(type)) {
            return Optional.empty();
        }
        Class<?> raw = type.getRawClass();
        List<JavaType> parts = new ArrayList<>();
        for (int i = 0; i < type.containedTypeCount(); i++) {
            parts.add(type.containedType(i));
        }
        if (type.getContentType() != null) {
            parts.add(type.getContentType());
        }
        if (raw.isRecord()) {
            Integer first = depths.putIfAbsent(raw, depth(type));
            if (first != null && depth(type) > first + MAX_GROWTH) {
                return Optional.of(root.toCanonical() + " contains itself with type arguments that grow, such as "
                        + raw.getSimpleName() + "<List<List<...>>>; take the same type argument, or a type without"
                        + " one.");
            }
            TypeFactory types = TypeFactory.createDefaultInstance();
            for (RecordComponent component : raw.getRecordComponents()) {
                parts.add(types.resolveMemberType(component.getGenericType(), type.getBindings()));
            }
        }
        return parts.stream()
                .flatMap(part -> growing(root, part, visited, depths).stream())
                .findFirst();
    }

    private static int depth(JavaType type) {
        int depth = 0;
        for (int i = 0; i < type.containedTypeCount(); i++) {
            depth = Math.max(depth, depth(type.containedType(i)));
        }
        return depth + 1;
    }

    /** A problem below the type begins with the way to it: "in 'name', ...". */
    private static String sentence(String problem) {
        return problem.startsWith("in ") ? "I" + problem.substring(1) : problem;
    }

    /** The first constraint of Bean Validation on a type that is read; empty if there is none. */
    Optional<String> constraint(Type<?> type) {
        if (isBuiltIn(type)) {
            return Optional.empty();
        }
        Reading reading = new Reading(mapper._deserializationContext());
        Optional<String> _ = reading.problem(mapper.constructType(type.type()), false);
        return reading.visited.stream()
                .flatMap(read ->
                        Constraints.of(read.getRawClass()).map(found -> found + " of " + read.toCanonical()).stream())
                .sorted()
                .findFirst();
    }

    /** The reason for which no value of a type can be written; empty if there is none. */
    Optional<String> unwritable(Type<?> type) {
        if (isBuiltIn(type)) {
            return Optional.empty();
        }
        JavaType written = mapper.constructType(type.type());
        Optional<String> before = setting().or(() -> growing(written));
        if (before.isPresent()) {
            return before;
        }
        try {
            SerializationContext context = mapper._serializationContext();
            ValueSerializer<?> serializer = context.findValueSerializer(written);
            if (serializer instanceof UnknownSerializer && isOfMethods(written.getRawClass())) {
                return Optional.of(written.getRawClass().getName()
                        + " is an interface without properties, so it would be written as {}; take a record.");
            }
            return new Writing(context).problem(written).map(PayloadTypes::sentence);
        } catch (JacksonException e) {
            return Optional.of(definition(written, e));
        }
    }

    /** Whether a type is an interface for code, such as Runnable. A sealed one is the name of its records. */
    private static boolean isOfMethods(Class<?> type) {
        return type.isInterface()
                && !type.isSealed()
                && Arrays.stream(type.getMethods()).anyMatch(method -> Modifier.isAbstract(method.getModifiers()));
    }

    /** Whether the JSON of a type names the class of its value. A type that cannot be written does not: its value is refused later. */
    boolean namesSubtypes(JavaType type) {
        try {
            return mapper._serializationContext().findTypeSerializer(type) != null;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Whether the mapper can only write an abstract type, property by property. */
    boolean isUnknown(Class<?> type) {
        JavaType unknown = mapper.constructType(type);
        try {
            DeserializationContext reading = mapper._deserializationContext();
            return reading.findTypeDeserializer(unknown) == null
                    && reading.findContextualValueDeserializer(unknown, null) instanceof AbstractDeserializer none
                    && none.getObjectIdReader(reading) == null
                    && isWrittenAsObject(type);
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Whether a type is written property by property, and not by a serializer or as a value of its own. */
    boolean isWrittenAsObject(Class<?> type) {
        try {
            ValueSerializer<?> serializer =
                    mapper._serializationContext().findValueSerializer(mapper.constructType(type));
            return serializer instanceof BeanSerializerBase || serializer instanceof UnknownSerializer;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static String unwritten(JavaType type) {
        return type.toCanonical() + " has fields, but no property that Jackson can write, so it would be written as {};"
                + " take a record, or add accessors or @JsonProperty.";
    }

    private static boolean isBuiltIn(Type<?> type) {
        return type.type() == Empty.class || type.type() == Raw.class || type.type() == ByteBuffer.class;
    }

    private static boolean hasState(Class<?> type) {
        return !type.isInterface()
                && !Modifier.isAbstract(type.getModifiers())
                && Arrays.stream(type.getDeclaredFields())
                        .anyMatch(field -> !field.isSynthetic() && !Modifier.isStatic(field.getModifiers()));
    }

    /** The reason for which a type of the JDK has no exact form in JSON, with Jackson's own serializer or deserializer. */
    private static Optional<String> inexact(JavaType type, Object form) {
        Class<?> raw = type.getRawClass();
        if (raw == Empty.class || raw == Void.class) {
            return Optional.of(raw.getSimpleName() + " has no value inside of a payload; leave it out.");
        }
        if (raw == AtomicReference.class) {
            return Optional.of(type.toCanonical() + " changes while it is written; take an Optional.");
        }
        if (!ClassUtil.isJacksonStdImpl(form) && !WrittenForms.isJacksons(form)) {
            return Optional.empty();
        }
        if (type.isTypeOrSubTypeOf(Date.class) || type.isTypeOrSubTypeOf(Calendar.class)) {
            return Optional.of(type.toCanonical()
                    + " is read from numbers and from texts of several forms; take an Instant or a LocalDate.");
        }
        if (type.isTypeOrSubTypeOf(Throwable.class)) {
            return Optional.of(type.toCanonical()
                    + " has a stack trace, which is not for clients; take a record with what they may know.");
        }
        if (type.hasRawClass(Class.class)) {
            return Optional.of(type.toCanonical() + " would be loaded by the name that a client sends; take a String.");
        }
        if (type.isTypeOrSubTypeOf(InetAddress.class) || type.hasRawClass(InetSocketAddress.class)) {
            return Optional.of(
                    type.toCanonical() + " would be looked up by the name that a client sends; take a String.");
        }
        if (form instanceof BeanSerializerBase && raw.getName().startsWith("java.")) {
            return Optional.of(type.toCanonical()
                    + " has no JSON of its own, and would be written by its getters; take a record, or write a"
                    + " serializer for it.");
        }
        return type.hasRawClass(Iterable.class)
                ? Optional.of(type.toCanonical() + " is not a list for Jackson; take a List or a Collection.")
                : Optional.empty();
    }

    /**
     * The first property with an annotation that gives its class another form in one place, or values that are no part of the JSON: no
     * contract could promise them.
     */
    private static Optional<String> unpromised(MapperConfig<?> config, BeanDescription described) {
        AnnotationIntrospector annotations = config.getAnnotationIntrospector();
        for (BeanPropertyDefinition property : described.findProperties()) {
            AnnotatedMember member = property.getPrimaryMember();
            if (member == null) {
                continue;
            }
            String problem = null;
            if (annotations.findReferenceType(config, member) != null) {
                problem = "@JsonManagedReference or @JsonBackReference, and what is written has not what is read;"
                        + " take records that have the objects of one direction";
            } else if ((config instanceof DeserializationConfig
                            || member.getType().getContentType() != null)
                    && (!annotations
                                    .findPropertyIgnoralByName(config, member)
                                    .getIgnored()
                                    .isEmpty()
                            || annotations
                                            .findPropertyInclusionByName(config, member)
                                            .getIncluded()
                                    != null)) {
                problem = "@JsonIgnoreProperties or @JsonIncludeProperties, and its class would have another form than"
                        + " elsewhere; take a record with the properties of this place";
            } else if (annotations.findInjectableValue(config, member) != null) {
                problem = INJECTED;
            }
            if (problem != null) {
                return Optional.of("the property '" + property.getName() + "' of "
                        + described.getBeanClass().getName() + " has " + problem + ".");
            }
        }
        Map<Object, AnnotatedMember> injected = described.findInjectables();
        return injected == null || injected.isEmpty()
                ? Optional.empty()
                : Optional.of(described.getBeanClass().getName() + " has " + INJECTED + ".");
    }

    private static final String INJECTED =
            "@JacksonInject, and would have a value that is not in its JSON; take it where the payload is handled";

    private static Optional<String> otherForm(JsonFormat.@Nullable Value format) {
        return OTHER_FORMS.stream()
                .filter(feature -> format != null && Boolean.TRUE.equals(format.getFeature(feature)))
                .map(feature -> "@JsonFormat has " + feature
                        + ", which no contract describes; write a list for several values, and @JsonAlias for a second"
                        + " name.")
                .findFirst();
    }

    private static String definition(JavaType type, JacksonException e) {
        return RefusedTypes.problem(e)
                .orElseGet(() -> "Jackson does not support " + type.toCanonical() + ": " + e.getOriginalMessage()
                        + (e.getOriginalMessage().contains("Key deserializer")
                                ? "; write a static method with @JsonCreator in the class of the keys that takes a"
                                        + " String, or take a Map<String, ...>."
                                : ""));
    }

    /** Whether a serializer or deserializer is neither of Jackson nor of Heliodor. */
    private static boolean isOfApplication(Object form) {
        String name = form.getClass().getName();
        return !name.startsWith("tools.jackson.") && !name.startsWith("io.heliodor.wire.");
    }

    /** The deserializers below one type. */
    private static final class Reading {
        private final DeserializationContext context;
        private final Set<JavaType> visited = new HashSet<>();

        /** The types whose subtypes were visited; without the properties that have annotations of their own about subtypes. */
        private final Set<JavaType> families = new HashSet<>();

        /** By class that is read from objects: the classes that each of its values contains. */
        private final Map<JavaType, List<JavaType>> contained = new LinkedHashMap<>();

        Reading(DeserializationContext context) {
            this.context = context;
        }

        Optional<String> problem(JavaType type, boolean object) {
            return problem(type, null, object).or(this::endless);
        }

        /** Whether each value of a class has one of a property, neither a list nor of several classes. */
        private boolean isInEachValue(SettableBeanProperty property) {
            return property.isRequired()
                    && property.getMetadata().getValueNulls() == Nulls.FAIL
                    && property.getType().getContentType() == null
                    && !property.hasValueTypeDeserializer()
                    && property.hasValueDeserializer()
                    && !RequiredProperties.isUnsent(property.getValueDeserializer())
                    && !isOfApplication(property.getValueDeserializer());
        }

        /** A class that each of its values contains again has no value. */
        private Optional<String> endless() {
            Set<JavaType> ending = new HashSet<>();
            for (JavaType type : contained.keySet()) {
                Optional<String> problem = endless(type, ending, new LinkedHashSet<>());
                if (problem.isPresent()) {
                    return problem;
                }
            }
            return Optional.empty();
        }

        private Optional<String> endless(JavaType type, Set<JavaType> ending, Set<JavaType> way) {
            if (ending.contains(type)) {
                return Optional.empty();
            }
            if (!way.add(type)) {
                return Optional.of(
                        type.toCanonical() + " contains itself in each of its values, so there is none; make a"
                                + " property on the way @Nullable, an Optional or a list.");
            }
            for (JavaType next : contained.getOrDefault(type, List.of())) {
                Optional<String> problem = endless(next, ending, way);
                if (problem.isPresent()) {
                    return problem;
                }
            }
            way.remove(type);
            ending.add(type);
            return Optional.empty();
        }

        private Optional<String> problem(JavaType type, @Nullable AnnotatedMember member, boolean object) {
            try {
                return problem(
                        type,
                        context.findContextualValueDeserializer(type, null),
                        typeInformation(type),
                        member,
                        object);
            } catch (JacksonException e) {
                return Optional.of(definition(type, e));
            }
        }

        /** The reader of the class that the JSON names, so that the declared one may be abstract; null if there is none. */
        private @Nullable TypeDeserializer typeInformation(JavaType type) {
            return type.getTypeHandler() instanceof TypeDeserializer ofProperty
                    ? ofProperty
                    : context.findTypeDeserializer(type);
        }

        /** {@code member}: the property that may have annotations about subtypes; null if there is none. */
        private Optional<String> problem(
                JavaType type,
                ValueDeserializer<?> deserializer,
                @Nullable TypeDeserializer typed,
                @Nullable AnnotatedMember member,
                boolean object) {
            return problem(type, deserializer, typed != null, member, object)
                    .or(() -> typed == null ? Optional.empty() : subtypes(type, typed, member));
        }

        private Optional<String> problem(
                JavaType type,
                ValueDeserializer<?> deserializer,
                boolean typed,
                @Nullable AnnotatedMember member,
                boolean object) {
            Optional<String> refused = inexact(type, deserializer).or(() -> otherForm(format(type)));
            return refused.isPresent() ? refused : form(type, deserializer, typed, member, object);
        }

        private Optional<String> form(
                JavaType type,
                ValueDeserializer<?> deserializer,
                boolean typed,
                @Nullable AnnotatedMember member,
                boolean object) {
            return switch (deserializer) {
                case Creators.OfOneArgument one ->
                    problem(type, one.getDelegatee(), typed, member, object)
                            .or(() -> visited.contains(one.argument())
                                    ? Optional.empty()
                                    : problem(one.argument(), null, object));
                case DelegatingDeserializer around -> problem(type, around.getDelegatee(), typed, member, object);
                case AbstractDeserializer none -> {
                    yield typed || none.getObjectIdReader(context) != null
                            ? Optional.empty()
                            : Optional.of(unnamed(type));
                }
                case UnsupportedTypeDeserializer none ->
                    Optional.of("Jackson cannot read " + type.toCanonical()
                            + " without its module; give the endpoint a mapper that has it, with json(mapper).");
                case BeanDeserializerBase bean -> bean(type, bean, object);
                case EnumDeserializer _
                when isWrittenAsObject(type) ->
                    Optional.of(
                            type.toCanonical() + " is written as an object, which Jackson cannot read; write its names,"
                                    + " without @JsonFormat(shape = OBJECT), or take a record.");
                default ->
                    type.getContentType() != null && ClassUtil.isJacksonStdImpl(deserializer)
                            ? content(type.getContentType(), member)
                            : Optional.empty();
            };
        }

        private JsonFormat.@Nullable Value format(JavaType type) {
            return context.getConfig()
                    .getAnnotationIntrospector()
                    .findFormat(context.getConfig(), context.introspectClassAnnotations(type));
        }

        private boolean isWrittenAsObject(JavaType type) {
            JsonFormat.Value format = format(type);
            return format != null
                    && (format.getShape() == JsonFormat.Shape.OBJECT || format.getShape() == JsonFormat.Shape.POJO);
        }

        private static String unnamed(JavaType type) {
            if (!SealedTypes.isFamily(type.getRawClass())) {
                return type.toCanonical() + " is abstract, and nothing in the JSON names the class to create; take a"
                        + " record, seal it with records as its subtypes, or annotate it with @JsonTypeInfo and"
                        + " @JsonSubTypes.";
            }
            String problem = SealedTypes.problem(type.getRawClass())
                    .orElse("Jackson does not write it, or one of them, as an object with its properties; make them"
                            + " plain records");
            return type.toCanonical() + " is sealed, but the field '" + SealedTypes.FIELD
                    + "' cannot name its subtypes: " + problem + ", or annotate the sealed type with @JsonTypeInfo.";
        }

        private Optional<String> content(JavaType type, @Nullable AnnotatedMember member) {
            return visited.contains(type) ? Optional.empty() : problem(type, member, false);
        }

        /** A problem of the classes that JSON can name in the place of a type. Classes that it names in full are not known. */
        private Optional<String> subtypes(JavaType base, TypeDeserializer typed, @Nullable AnnotatedMember member) {
            boolean closed = switch (typed.getTypeIdResolver().getMechanism()) {
                case NAME, SIMPLE_NAME, DEDUCTION -> true;
                default -> false;
            };
            boolean ofProperty = member != null && member.hasAnnotation(JsonTypeInfo.class);
            // Else the recursion is as deep as a type has subtypes.
            if (!closed || (!ofProperty && !families.add(base))) {
                return Optional.empty();
            }
            DeserializationConfig config = context.getConfig();
            boolean creates = typed.getDefaultImpl() != null;
            for (NamedType named :
                    config.getSubtypeResolver().collectAndResolveSubtypesByTypeId(config, member, base)) {
                if (!Modifier.isAbstract(named.getType().getModifiers())) {
                    creates = true;
                    Optional<String> problem =
                            subtype(base, named.getType()).or(() -> invisible(base, typed, member, named.getType()));
                    if (problem.isPresent()) {
                        return problem.map(
                                found -> "in its subtype " + named.getType().getName() + ", " + found);
                    }
                }
            }
            return creates
                    ? Optional.empty()
                    : Optional.of("JSON names a subtype of " + base.toCanonical()
                            + ", and Jackson finds none; list them with @JsonSubTypes, or make it sealed.");
        }

        /** A component that has the name of the type is never read, unless it is visible. */
        private Optional<String> invisible(
                JavaType base, TypeDeserializer typed, @Nullable AnnotatedMember member, Class<?> named) {
            String name = typed.getPropertyName();
            DeserializationConfig config = context.getConfig();
            JsonTypeInfo.Value declared = config.getAnnotationIntrospector()
                    .findPolymorphicTypeInfo(
                            config,
                            member != null && member.hasAnnotation(JsonTypeInfo.class)
                                    ? member
                                    : context.introspectClassAnnotations(base));
            boolean inside = typed.getTypeInclusion() == JsonTypeInfo.As.EXISTING_PROPERTY
                    || typed.getTypeInclusion() == JsonTypeInfo.As.PROPERTY;
            if (!inside || name == null || declared == null || declared.getIdVisible()) {
                return Optional.empty();
            }
            JavaType type = context.constructSpecializedType(base, named);
            ValueDeserializer<?> reader = context.findContextualValueDeserializer(type, null);
            while (reader instanceof DelegatingDeserializer around) {
                reader = around.getDelegatee();
            }
            SettableBeanProperty property = reader instanceof BeanDeserializerBase bean
                    ? bean.findProperty(PropertyName.construct(name))
                    : null;
            return property == null || !property.isRequired()
                    ? Optional.empty()
                    : Optional.of("the property '" + name + "' names the type and is not read; write"
                            + " @JsonTypeInfo(..., visible = true).");
        }

        private Optional<String> subtype(JavaType base, Class<?> named) {
            if (!base.getRawClass().isAssignableFrom(named)) {
                return Optional.of(named.getName() + " does not extend or implement " + base.toCanonical() + ".");
            }
            JavaType type = context.constructSpecializedType(base, named);
            try {
                return problem(type, context.findContextualValueDeserializer(type, null), true, null, false);
            } catch (JacksonException e) {
                return Optional.of(definition(type, e));
            }
        }

        private Optional<String> bean(JavaType type, BeanDeserializerBase bean, boolean object) {
            if (!visited.add(type)) {
                return Optional.empty();
            }
            ValueInstantiator creators = bean.getValueInstantiator();
            if (isKotlin(type.getRawClass()) && readsNoParameters(creators)) {
                return Optional.of(type.toCanonical() + " is a class of Kotlin, and the mapper has no module for those;"
                        + " depend on io.heliodor:heliodor-kotlin and write .json(kotlinJson()) at the builder of the"
                        + " endpoint, of the test kit or of the tokens, or add the KotlinModule of jackson-module-kotlin to"
                        + " your mapper.");
            }
            Creators form = Creators.of(context, bean);
            if (!(object ? createsFromObject(creators) && form.mayBeOfObjects() : creators.canInstantiate())) {
                return Optional.of("Jackson finds no constructor of " + type.toCanonical()
                        + " for a JSON object; take a record, annotate one with @JsonCreator, or give the endpoint a"
                        + " mapper with the module of its language, with json(mapper).");
            }
            Optional<String> unpromised = unpromised(context.getConfig(), Creators.read(context, bean));
            if (unpromised.isPresent()) {
                return unpromised;
            }
            for (Iterator<SettableBeanProperty> all = bean.properties(); all.hasNext(); ) {
                SettableBeanProperty property = all.next();
                if (isInEachValue(property)) {
                    contained.computeIfAbsent(type, _ -> new ArrayList<>()).add(property.getType());
                }
                Optional<String> problem = property(property);
                if (problem.isPresent()) {
                    return problem;
                }
            }
            FurtherProperties further = FurtherProperties.of(context.getConfig(), Creators.read(context, bean));
            return further != null
                            && FurtherProperties.isStrict(context.getConfig()
                                    .getAnnotationIntrospector()
                                    .findContentDeserializer(context.getConfig(), further.member()))
                    ? content(further.type(), further.member()).map(found -> "in its further properties, " + found)
                    : Optional.empty();
        }

        private static boolean isKotlin(Class<?> type) {
            return Arrays.stream(type.getAnnotations())
                    .anyMatch(
                            annotation -> annotation.annotationType().getName().equals("kotlin.Metadata"));
        }

        /** With a default for each of its parameters, a class of Kotlin has a constructor without any, and no setters. */
        private static boolean readsNoParameters(ValueInstantiator creators) {
            return creators.getClass() == StdValueInstantiator.class
                    && !creators.canCreateFromObjectWith()
                    && !creators.canCreateUsingDelegate();
        }

        private static boolean createsFromObject(ValueInstantiator creators) {
            return creators.canCreateFromObjectWith()
                    || creators.canCreateUsingDefault()
                    || creators.canCreateUsingDelegate();
        }

        private Optional<String> property(SettableBeanProperty property) {
            if (property.isInjectionOnly() || !property.hasValueDeserializer()) {
                return Optional.empty();
            }
            TypeDeserializer typed = property.hasValueTypeDeserializer()
                    ? property.getValueTypeDeserializer()
                    : typeInformation(property.getType());
            return otherForm(property.findPropertyFormat(
                            context.getConfig(), property.getType().getRawClass()))
                    .or(() -> problem(
                            property.getType(), property.getValueDeserializer(), typed, property.getMember(), false))
                    .map(problem -> "in '" + property.getName() + "', " + problem);
        }
    }

    /** The serializers below one type. Some name the class of a value twice, and Jackson refuses each value then. */
    private static final class Writing {
        private final SerializationContext context;
        private final Set<JavaType> visited = new HashSet<>();

        Writing(SerializationContext context) {
            this.context = context;
        }

        Optional<String> problem(JavaType type) {
            if (type.isPrimitive() || !visited.add(type)) {
                return Optional.empty();
            }
            TypeSerializer typed = context.findTypeSerializer(type);
            if (typed != null) {
                Optional<String> found = subtypes(type, typed);
                if (found.isPresent()) {
                    return found;
                }
            }
            ValueSerializer<?> serializer = context.findPrimaryPropertySerializer(type, null);
            Optional<String> refused = inexact(type, serializer).or(() -> maybeMissing(type));
            if (refused.isPresent()) {
                return refused;
            }
            if (type.getContentType() != null) {
                return problem(type.getContentType());
            }
            boolean byProperties = serializer instanceof BeanSerializerBase;
            if (typed == null
                    && SealedTypes.isFamily(type.getRawClass())
                    && (byProperties || serializer instanceof UnknownSerializer)) {
                return Optional.of(Reading.unnamed(type));
            }
            if (serializer instanceof UnknownSerializer && hasState(type.getRawClass())) {
                return Optional.of(unwritten(type));
            }
            if (!byProperties) {
                return Optional.empty();
            }
            Optional<String> unpromised = unpromised(
                    context.getConfig(),
                    context.introspectBeanDescription(type, context.introspectClassAnnotations(type)));
            if (unpromised.isPresent()) {
                return unpromised;
            }
            for (Iterator<PropertyWriter> all = serializer.properties(); all.hasNext(); ) {
                PropertyWriter property = all.next();
                if (hasSerializer(property)) {
                    continue;
                }
                Optional<String> found = otherForm(property.findPropertyFormat(
                                context.getConfig(), property.getType().getRawClass()))
                        .or(() -> problem(property.getType()));
                if (found.isPresent()) {
                    return found.map(problem -> "in '" + property.getName() + "', " + problem);
                }
            }
            AnnotatedMember any = context.introspectBeanDescription(type, context.introspectClassAnnotations(type))
                    .findAnyGetter();
            return any != null
                            && any.getType().getContentType() != null
                            && context.getAnnotationIntrospector().findContentSerializer(context.getConfig(), any)
                                    == null
                    ? problem(any.getType().getContentType()).map(found -> "in its further properties, " + found)
                    : Optional.empty();
        }

        /** The contract could not tell whether a class has a value if its annotation makes that an Optional. */
        private Optional<String> maybeMissing(JavaType type) {
            AnnotatedMember value = context.introspectBeanDescription(type, context.introspectClassAnnotations(type))
                    .findJsonValueAccessor();
            return value == null || !value.getRawType().getName().startsWith("java.util.Optional")
                    ? Optional.empty()
                    : Optional.of(
                            "the @JsonValue of " + type.toCanonical() + " is an Optional; take a plain value there,"
                                    + " and an Optional or @Nullable where the class is used.");
        }

        /** Whether the application writes a property by a serializer of its own. */
        private static boolean hasSerializer(PropertyWriter property) {
            return property instanceof BeanPropertyWriter bean
                    && bean.getSerializer() != null
                    && isOfApplication(bean.getSerializer());
        }

        private boolean hasProperty(JavaType type, String name) {
            return context
                    .introspectBeanDescription(type, context.introspectClassAnnotations(type))
                    .findProperties()
                    .stream()
                    .anyMatch(property ->
                            property.couldSerialize() && property.getName().equals(name));
        }

        /** Jackson finds some of the conflicts when it makes a serializer. */
        private boolean isWrittenByProperties(JavaType type) {
            try {
                return context.findPrimaryPropertySerializer(type, null) instanceof BeanSerializerBase;
            } catch (JacksonException e) {
                return true;
            }
        }

        private Optional<String> subtypes(JavaType base, TypeSerializer typed) {
            SerializationConfig config = context.getConfig();
            boolean named = typed.getTypeInclusion() == JsonTypeInfo.As.PROPERTY && typed.getPropertyName() != null;
            for (NamedType each : config.getSubtypeResolver()
                    .collectAndResolveSubtypesByClass(config, context.introspectClassAnnotations(base))) {
                if (Modifier.isAbstract(each.getType().getModifiers())
                        || !base.getRawClass().isAssignableFrom(each.getType())) {
                    continue;
                }
                JavaType subtype = context.constructSpecializedType(base, each.getType());
                if (named && hasProperty(subtype, typed.getPropertyName()) && isWrittenByProperties(subtype)) {
                    return Optional.of(each.getType().getName() + " has a property '" + typed.getPropertyName()
                            + "', which names the type already and would be written twice; write @JsonTypeInfo(...,"
                            + " include = EXISTING_PROPERTY, visible = true), or rename the property.");
                }
                Optional<String> inner = problem(subtype);
                if (inner.isPresent()) {
                    return inner;
                }
            }
            return Optional.empty();
        }
    }
}
