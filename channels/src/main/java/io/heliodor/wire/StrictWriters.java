package io.heliodor.wire;

import io.heliodor.event.Raw;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.AnyGetterWriter;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.BeanSerializerBuilder;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.jdk.EnumSerializer;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.ArrayType;

/**
 * The writers of values: none is written that has no JSON of its schema, and what is read in one form is written in it. Jackson writes NaN
 * and infinities as texts, years of more than four digits in a form of its own, and months by other names than it reads.
 */
final class StrictWriters extends ValueSerializerModifier {
    private static final long serialVersionUID = 1L;

    static JacksonModule module() {
        return new SimpleModule("strict-writers")
                .addSerializer(new RawWriter())
                .setSerializerModifier(new StrictWriters());
    }

    @Override
    public ValueSerializer<?> modifySerializer(
            SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
        if (!WrittenForms.isJacksons(serializer)) {
            return serializer;
        }
        Class<?> type = bean.getBeanClass();
        if (type == Month.class) {
            return EnumSerializer.construct(Month.class, config, bean.get(), null);
        }
        return boxes(
                type,
                isDecimal(type)
                        ? new Checked(serializer, StrictWriters::notFinite)
                        : TimeText.isDescribed(type, config.isEnabled(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID))
                                ? new Checked(serializer, StrictWriters::notInRange)
                                : serializer);
    }

    /** An object has each property once, as readers demand. */
    @Override
    public BeanSerializerBuilder updateBuilder(
            SerializationConfig config, BeanDescription.Supplier bean, BeanSerializerBuilder builder) {
        AnnotatedMember getter = bean.get().findAnyGetter();
        if (getter == null) {
            return builder;
        }
        Set<String> names = new HashSet<>();
        for (BeanPropertyWriter property : builder.getProperties()) {
            if (!(property instanceof AnyGetterWriter)) {
                names.add(property.getName());
            }
        }
        builder.getProperties()
                .replaceAll(property -> property instanceof AnyGetterWriter further
                        ? new Further(further, getter, bean.getType(), names)
                        : property);
        return builder;
    }

    /** The writer of further properties. It refuses those that have the name of another property, which would be written twice. */
    private static final class Further extends AnyGetterWriter {
        private static final long serialVersionUID = 1L;

        private final AnyGetterWriter plain;
        /** Other than the member of the writer, which may be a field that cannot be read. */
        private final transient AnnotatedMember getter;

        private final transient JavaType type;
        private final transient Set<String> names;

        Further(AnyGetterWriter plain, AnnotatedMember getter, JavaType type, Set<String> names) {
            super(plain, plain, getter, null);
            this.plain = plain;
            this.getter = getter;
            this.type = type;
            this.names = names;
        }

        @Override
        public void fixAccess(SerializationConfig config) {
            plain.fixAccess(config);
        }

        @Override
        public void resolve(SerializationContext context) {
            for (Class<?> base : RefusedTypes.supertypes(type.getRawClass())) {
                TypeSerializer typed = context.findTypeSerializer(context.constructType(base));
                if (typed != null && typed.getPropertyName() != null) {
                    names.add(typed.getPropertyName());
                }
            }
            plain.resolve(context);
        }

        @Override
        public void getAndSerialize(Object bean, JsonGenerator generator, SerializationContext context)
                throws Exception {
            check(bean, context);
            plain.getAndSerialize(bean, generator, context);
        }

        @Override
        public void serializeAsProperty(Object bean, JsonGenerator generator, SerializationContext context)
                throws Exception {
            check(bean, context);
            plain.serializeAsProperty(bean, generator, context);
        }

        private void check(Object bean, SerializationContext context) {
            if (getter.getValue(bean) instanceof Map<?, ?> map) {
                for (Object key : map.keySet()) {
                    if (names.contains(String.valueOf(key))) {
                        context.reportMappingProblem(
                                "the further property '%s' of %s has the name of another one, and would be written twice;"
                                        + " give it another key",
                                key, type.toCanonical());
                    }
                }
            }
        }
    }

    @Override
    public ValueSerializer<?> modifyEnumSerializer(
            SerializationConfig config, JavaType type, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
        return modifySerializer(config, bean, serializer);
    }

    @Override
    public ValueSerializer<?> modifyArraySerializer(
            SerializationConfig config, ArrayType type, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
        Class<?> raw = type.getRawClass();
        return boxes(
                raw,
                raw == double[].class || raw == float[].class
                        ? new Checked(serializer, StrictWriters::notFinite)
                        : serializer);
    }

    @Override
    public ValueSerializer<?> modifyKeySerializer(
            SerializationConfig config, JavaType type, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
        return (type.hasRawClass(LocalDate.class) || type.hasRawClass(Instant.class))
                        && WrittenForms.isJacksons(serializer)
                ? new Checked(serializer, StrictWriters::notInRange)
                : serializer;
    }

    /** Numbers in a form of their own, such as each {@code long} as a text, have it in optionals and arrays, too. Jackson does so in lists alone. */
    private static ValueSerializer<?> boxes(Class<?> type, ValueSerializer<?> serializer) {
        Class<?> box = box(type);
        return box != null && WrittenForms.isJacksons(plain(serializer))
                ? new Boxes(type, box, serializer, null)
                : serializer;
    }

    /** The box of the numbers in a type that is read through boxes; null for other types. */
    private static @Nullable Class<?> box(Class<?> type) {
        if (type == OptionalInt.class || type == int[].class) {
            return Integer.class;
        }
        if (type == OptionalLong.class || type == long[].class) {
            return Long.class;
        }
        if (type == OptionalDouble.class || type == double[].class) {
            return Double.class;
        }
        return type == short[].class ? Short.class : type == float[].class ? Float.class : null;
    }

    private static boolean isDecimal(Class<?> type) {
        return type == double.class
                || type == float.class
                || type == OptionalDouble.class
                || JsonNode.class.isAssignableFrom(type)
                || (Number.class.isAssignableFrom(type) && !Numbers.isInteger(type));
    }

    private static @Nullable String notFinite(Object value) {
        Number wrong = switch (value) {
            case Double number -> Double.isFinite(number) ? null : number;
            case Float number -> Float.isFinite(number) ? null : number;
            case java.math.BigDecimal _ -> null;
            case java.math.BigInteger _ -> null;
            case double[] all -> first(all);
            case float[] all -> first(all);
            case OptionalDouble some ->
                some.isEmpty() || Double.isFinite(some.getAsDouble()) ? null : some.getAsDouble();
            case JsonNode tree -> Numbers.notFinite(tree);
            case Number number -> Double.isFinite(number.doubleValue()) ? null : number;
            default -> null;
        };
        return wrong == null
                ? null
                : wrong + " is not a number of JSON; leave it out by an Optional or @Nullable, or write a text";
    }

    private static @Nullable Number first(double[] all) {
        for (double each : all) {
            if (!Double.isFinite(each)) {
                return each;
            }
        }
        return null;
    }

    private static @Nullable Number first(float[] all) {
        for (float each : all) {
            if (!Float.isFinite(each)) {
                return each;
            }
        }
        return null;
    }

    private static final long FIRST_SECOND =
            LocalDate.of(0, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
    private static final long END = LocalDate.of(10_000, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);

    private static @Nullable String notInRange(Object value) {
        boolean inRange = switch (value) {
            case Instant time -> time.getEpochSecond() >= FIRST_SECOND && time.getEpochSecond() < END;
            case OffsetDateTime time -> isYear(time.getYear()) && isOffset(time.getOffset());
            case ZonedDateTime time -> isYear(time.getYear()) && isOffset(time.getOffset());
            case LocalDate date -> isYear(date.getYear());
            default -> true;
        };
        return inRange
                ? null
                : value + " is not a time of RFC 3339, whose years are 0 to 9999 and whose offsets are minutes; use a"
                        + " String for other times, or null for none";
    }

    /** Whether a time is in the years 0 to 9999, so that it is in the schema of its numbers. */
    static boolean isInNumbers(@Nullable Object value) {
        long seconds = switch (value) {
            case Instant time -> time.getEpochSecond();
            case OffsetDateTime time -> time.toEpochSecond();
            case ZonedDateTime time -> time.toEpochSecond();
            case null, default -> 0;
        };
        boolean fraction = value instanceof TemporalAccessor time && time.get(ChronoField.NANO_OF_SECOND) > 0;
        return seconds >= FIRST_SECOND && (fraction ? seconds + 1 : seconds) < END;
    }

    private static @Nullable String notInNumbers(Object value) {
        return isInNumbers(value) ? null : value + " is not in the years 0 to 9999; use null for none";
    }

    private static boolean isYear(int year) {
        return year >= 0 && year <= 9999;
    }

    private static boolean isOffset(ZoneOffset offset) {
        return offset.getTotalSeconds() % 60 == 0;
    }

    /** The serializer of Jackson, or of the application, in the place of one that checks values, too. */
    static ValueSerializer<?> plain(ValueSerializer<?> serializer) {
        return serializer instanceof Checked checked ? plain(checked.plain) : serializer;
    }

    /** A serializer that refuses values that have no JSON of their schema. */
    private static final class Checked extends StdSerializer<Object> {
        private final ValueSerializer<Object> plain;

        /** Returns the reason for which a value is refused, or null. */
        private final transient Function<Object, @Nullable String> check;

        @SuppressWarnings("unchecked") // a serializer of any type is called with values of that type
        Checked(ValueSerializer<?> plain, Function<Object, @Nullable String> check) {
            super((Class<Object>) plain.handledType());
            this.plain = (ValueSerializer<Object>) plain;
            this.check = check;
        }

        @Override
        public ValueSerializer<?> createContextual(SerializationContext context, @Nullable BeanProperty property) {
            ValueSerializer<?> contextual = plain.createContextual(context, property);
            if (TimeText.isTime(handledType())) {
                if (TimeText.areNumbers(context, property, handledType())) {
                    return handledType() == LocalDate.class
                            ? contextual
                            : new Checked(contextual, StrictWriters::notInNumbers);
                }
                if (TimeText.format(context, property, handledType()).hasPattern()) {
                    return contextual;
                }
            }
            return contextual.equals(plain) ? this : new Checked(contextual, check);
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            check(value, context);
            plain.serialize(value, generator, context);
        }

        @Override
        public void serializeWithType(
                Object value, JsonGenerator generator, SerializationContext context, TypeSerializer type) {
            check(value, context);
            plain.serializeWithType(value, generator, context, type);
        }

        private void check(Object value, SerializationContext context) {
            String problem = check.apply(value);
            if (problem != null) {
                context.reportMappingProblem("%s", problem);
            }
        }

        @Override
        public boolean isEmpty(SerializationContext context, Object value) {
            return plain.isEmpty(context, value);
        }

        @Override
        public void acceptJsonFormatVisitor(JsonFormatVisitorWrapper visitor, tools.jackson.databind.JavaType hint) {
            plain.acceptJsonFormatVisitor(visitor, hint);
        }
    }

    /** Writes each number by the serializer of its box, or all by that of Jackson if this is the form of boxes, too. */
    private static final class Boxes extends StdSerializer<Object> {
        private final Class<?> box;
        private final ValueSerializer<Object> plain;
        private final @Nullable ValueSerializer<Object> boxes;

        @SuppressWarnings("unchecked") // a serializer of the type
        Boxes(Class<?> type, Class<?> box, ValueSerializer<?> plain, @Nullable ValueSerializer<Object> boxes) {
            super(type);
            this.box = box;
            this.plain = (ValueSerializer<Object>) plain;
            this.boxes = boxes;
        }

        @Override
        @SuppressWarnings("unchecked") // a serializer of the box
        public ValueSerializer<?> createContextual(SerializationContext context, @Nullable BeanProperty property) {
            ValueSerializer<?> found = context.findPrimaryPropertySerializer(context.constructType(box), null);
            return WrittenForms.isJacksons(plain(found)) && !WrittenForms.isText(found)
                    ? plain.createContextual(context, property)
                    : new Boxes(handledType(), box, plain, (ValueSerializer<Object>) found);
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            ValueSerializer<Object> each = Objects.requireNonNull(boxes, "contextual");
            switch (value) {
                case OptionalInt some when some.isPresent() -> each.serialize(some.getAsInt(), generator, context);
                case OptionalLong some when some.isPresent() -> each.serialize(some.getAsLong(), generator, context);
                case OptionalDouble some
                when some.isPresent() -> each.serialize(some.getAsDouble(), generator, context);
                default -> {
                    if (!value.getClass().isArray()) {
                        generator.writeNull();
                        return;
                    }
                    generator.writeStartArray();
                    for (int i = 0; i < Array.getLength(value); i++) {
                        each.serialize(Array.get(value, i), generator, context);
                    }
                    generator.writeEndArray();
                }
            }
        }

        @Override
        public boolean isEmpty(SerializationContext context, Object value) {
            return plain.isEmpty(context, value);
        }
    }

    /** Writes a {@link Raw} inside of another payload unchanged. Without it, Jackson would find no properties. */
    private static final class RawWriter extends StdSerializer<Raw> {
        RawWriter() {
            super(Raw.class);
        }

        @Override
        public void serialize(Raw raw, JsonGenerator generator, SerializationContext context) {
            generator.writeRawValue(new String(raw.json(), StandardCharsets.UTF_8));
        }
    }
}
