package io.heliodor.wire.schema;

import io.heliodor.schema.Schema;
import io.heliodor.wire.ExactTexts;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.jsonFormatVisitors.JsonAnyFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonArrayFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonBooleanFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonIntegerFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonMapFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonNullFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonNumberFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonStringFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonValueFormat;

/** Receives from a serializer what it writes: a value that is not an object with properties. */
final class WrittenValue extends JsonFormatVisitorWrapper.Base {
    /** Types whose texts are times of RFC 3339. Jackson reports that format of others, too. */
    private static final Set<Class<?>> TIMES = Set.of(
            Instant.class,
            OffsetDateTime.class,
            ZonedDateTime.class,
            Date.class,
            Calendar.class,
            GregorianCalendar.class);

    /** Types that are written as a text, although Jackson reports an array. */
    private static final Set<Class<?>> BYTES = Set.of(byte[].class, ByteBuffer.class);

    private final WrittenTypes types;
    private final JavaType type;
    private final boolean usual;
    private Schema schema;

    /** {@code usual}: whether the type is written as elsewhere, so that its format is known. */
    WrittenValue(SerializationContext context, WrittenTypes types, JavaType type, boolean usual) {
        super(context);
        this.types = types;
        this.type = type;
        this.usual = usual;
        this.schema = new Schema.Any(type.toCanonical() + " has a serializer of its own");
    }

    Schema schema() {
        return schema;
    }

    @Override
    public @Nullable JsonStringFormatVisitor expectStringFormat(JavaType written) {
        schema = isChar() ? Schema.Text.like(ExactTexts.CHARACTER) : Schema.Text.PLAIN;
        return new JsonStringFormatVisitor.Base() {
            @Override
            public void format(JsonValueFormat format) {
                Optional<String> name = usual ? name(format) : Optional.empty();
                schema = isChar()
                        ? Schema.Text.like(ExactTexts.CHARACTER)
                        : new Schema.Text(name, Optional.empty(), Optional.empty());
            }

            @Override
            public void enumTypes(Set<String> values) {
                if (!values.isEmpty()) {
                    schema = valueType().map(types::of).orElseGet(() -> new Schema.Choice(List.copyOf(values), false));
                }
            }
        };
    }

    private boolean isChar() {
        return type.hasRawClass(char.class) || type.hasRawClass(Character.class);
    }

    private Optional<String> name(JsonValueFormat format) {
        boolean known = switch (format) {
            case DATE -> type.hasRawClass(LocalDate.class);
            case DATE_TIME -> TIMES.contains(type.getRawClass());
            case UUID -> true;
            default -> false;
        };
        return known ? Optional.of(format.toString()) : Optional.empty();
    }

    /** The type of the value by {@code @JsonValue}, if it is not a text. */
    private Optional<JavaType> valueType() {
        AnnotatedMember accessor = WrittenTypes.valueAccessor(getContext(), type);
        return Optional.ofNullable(accessor)
                .map(AnnotatedMember::getType)
                .filter(values -> !values.isTypeOrSubTypeOf(CharSequence.class));
    }

    @Override
    public @Nullable JsonIntegerFormatVisitor expectIntegerFormat(JavaType written) {
        schema = new Schema.Whole(Optional.empty());
        return new JsonIntegerFormatVisitor.Base() {
            @Override
            public void numberType(JsonParser.NumberType number) {
                if (type.hasRawClass(Duration.class)) {
                    schema = new Schema.Decimal(Optional.empty()); // seconds with a fraction; Jackson reports a long
                    return;
                }
                schema = switch (number) {
                    case INT -> new Schema.Whole(Optional.of(width()));
                    case LONG -> new Schema.Whole(Optional.of("int64"));
                    case BIG_INTEGER -> new Schema.Whole(Optional.empty());
                    default -> new Schema.Decimal(Optional.empty());
                };
            }

            @Override
            public void enumTypes(Set<String> values) {
                schema = new Schema.Whole(Optional.empty());
            }
        };
    }

    private String width() {
        return switch (type.getRawClass().getSimpleName()) {
            case "byte", "Byte" -> "int8";
            case "short", "Short" -> "int16";
            default -> "int32";
        };
    }

    @Override
    public @Nullable JsonNumberFormatVisitor expectNumberFormat(JavaType written) {
        Class<?> raw = type.getRawClass();
        boolean isFloat = raw == float.class || raw == Float.class;
        schema = new Schema.Decimal(
                raw == double.class || raw == Double.class || raw == OptionalDouble.class || isFloat
                        ? Optional.of(isFloat ? "float" : "double")
                        : Optional.empty());
        return null;
    }

    @Override
    public @Nullable JsonBooleanFormatVisitor expectBooleanFormat(JavaType written) {
        schema = new Schema.Truth();
        return null;
    }

    @Override
    public @Nullable JsonNullFormatVisitor expectNullFormat(JavaType written) {
        schema = new Schema.Nullable(new Schema.Any(""));
        return null;
    }

    @Override
    public @Nullable JsonAnyFormatVisitor expectAnyFormat(JavaType written) {
        schema = new Schema.Any("");
        return null;
    }

    @Override
    public @Nullable JsonObjectFormatVisitor expectObjectFormat(JavaType written) {
        schema = written.equals(type) ? new Schema.Entries(new Schema.Any("")) : types.of(written);
        return null;
    }

    @Override
    public @Nullable JsonArrayFormatVisitor expectArrayFormat(JavaType written) {
        if (BYTES.contains(type.getRawClass()) || BYTES.contains(written.getRawClass())) {
            schema = ExactTexts.BASE64;
            return null;
        }
        JavaType content = written.getContentType();
        if (type.hasRawClass(MonthDay.class)) {
            schema = Schema.Text.PLAIN; // Jackson reports an array with timestamps, and writes "--02-29" all the same
            return null;
        }
        if (type.hasRawClass(OffsetTime.class)) {
            schema = new Schema.Any(type.toCanonical() + " is an array of numbers and a text");
            return null;
        }
        schema = new Schema.Items(content == null ? new Schema.Any("") : types.of(content));
        return null;
    }

    @Override
    public @Nullable JsonMapFormatVisitor expectMapFormat(JavaType written) {
        JavaType content = written.getContentType();
        schema = new Schema.Entries(content == null ? new Schema.Any("") : types.of(content));
        return null;
    }
}
