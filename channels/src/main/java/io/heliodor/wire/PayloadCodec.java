package io.heliodor.wire;

import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.json.RawJson;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Decodes payloads to the types of an application, and encodes them.
 *
 * <p>{@link Empty} accepts any payload, {@link Raw} an undecoded JSON object, and {@link ByteBuffer} a binary payload. All other types are
 * read and written by a Jackson mapper.
 *
 * <p>Any thread may use it. It does not block, unless a constructor of the application does.
 */
public final class PayloadCodec {
    private static final Payload.Json EMPTY = new Payload.Json(new byte[] {'{', '}'}, 0, 2);

    private final JsonMapper mapper;
    private final @Nullable NullReport report;

    private final LargePayloads large;

    private final ObjectWriter plain;

    /** Throws at the first null that the mapper would refuse to read. */
    private final ObjectWriter untilNull;

    /** Whether such a null was found. From then on each encoding reports it with the name of its event. */
    private volatile boolean nullsFound;

    /** The readers by type. Clients cannot make it grow, since the application declares the types. */
    private final Map<Type<?>, ObjectReader> readers = new ConcurrentHashMap<>();

    /** The types that a value is written as, and not as its class, as for {@link #declared}. */
    private final Map<Type<?>, Optional<JavaType>> written = new ConcurrentHashMap<>();

    /** The problems of types that need a validator, as for {@link #unvalidated}. */
    private final Map<Type<?>, Optional<String>> unvalidated = new ConcurrentHashMap<>();

    /** Receives the nulls in encoded payloads that the mapper would refuse to read. */
    @FunctionalInterface
    public interface NullReport {
        /**
         * Reports a null that is about to be written. It is called on the encoding thread, and must not block.
         *
         * @param event the name of the event or call
         * @param type the class of the object
         * @param property the name of the property that is null
         */
        void unreadable(String event, Class<?> type, String property);
    }

    private PayloadCodec(JsonMapper mapper, @Nullable NullReport report) {
        this.mapper = mapper;
        this.report = report;
        UnreadableNulls.NullListener end = (type, property) -> {
            throw new UnreadableNulls.Found();
        };
        this.large = new LargePayloads(mapper);
        this.plain = mapper.writer();
        this.untilNull = plain.withAttribute(UnreadableNulls.NULL_LISTENER, end);
    }

    /**
     * This codec with a report of nulls in pushes, broadcasts and replies.
     *
     * @param to receives the nulls
     * @return a codec with the same mapper
     */
    public PayloadCodec reportingTo(NullReport to) {
        return new PayloadCodec(mapper, to);
    }

    /**
     * Whether this codec has a report of nulls.
     *
     * @return false for a new codec
     */
    public boolean reports() {
        return report != null;
    }

    /**
     * A strict codec:
     *
     * <ul>
     *   <li>It does not coerce: {@code "3"} and {@code 3.5} are not an {@code int}, {@code 3} is not a {@code String}, and neither
     *       {@code "NaN"} nor {@code 1e999} is a {@code double}.
     *   <li>An integer may have a fraction of zero or an exponent, such as {@code 3.0}, up to 2<sup>53</sup>.
     *   <li>The types of {@code java.time} are strings, unless the application declares numbers.
     *   <li>Components of a record, parameters of a creator, setters and fields are required and not {@code null}, and elements of lists and
     *       maps are not {@code null}. Exceptions are {@code Optional} and any {@code @Nullable} annotation that is retained at run time.
     *       Annotations of Jackson take precedence.
     *   <li>Unknown fields are ignored. Of a repeated field the last one is used.
     * </ul>
     *
     * @return a codec with a mapper of its own
     */
    public static PayloadCodec strict() {
        return new PayloadCodec(PayloadMappers.mapper(), null);
    }

    /**
     * A strict codec with the modules, names, formats and annotations of a given mapper.
     *
     * @param mapper the application's mapper, which is not modified
     * @return a codec with a mapper of its own
     */
    public static PayloadCodec strict(JsonMapper mapper) {
        return new PayloadCodec(PayloadMappers.strict(mapper), null);
    }

    /**
     * A codec with the rules of a given mapper.
     *
     * @param mapper the mapper
     * @return a codec
     */
    public static PayloadCodec over(JsonMapper mapper) {
        return new PayloadCodec(mapper, null);
    }

    /**
     * The mapper with the rules of this codec.
     *
     * @return the mapper
     */
    public JsonMapper mapper() {
        return mapper;
    }

    /**
     * The reason for which no payload can be read as a type.
     *
     * @param type the type
     * @param object whether the payload is always a JSON object, as that of an event
     * @return a sentence, or empty if payloads can be read
     */
    public Optional<String> unreadable(Type<?> type, boolean object) {
        return new PayloadTypes(mapper).unreadable(type, object);
    }

    /**
     * The reason for which no value of a type can be written.
     *
     * @param type the type
     * @return a sentence, or empty if values can be written
     */
    public Optional<String> unwritable(Type<?> type) {
        return new PayloadTypes(mapper).unwritable(type);
    }

    /**
     * The reason for which a type needs a validator: a constraint of Bean Validation, which this codec does not check.
     *
     * @param type a type that the application declares
     * @return a sentence with the annotation, its property and its class, or empty if there is none
     */
    public Optional<String> unvalidated(Type<?> type) {
        return unvalidated.computeIfAbsent(type, this::constraint);
    }

    private Optional<String> constraint(Type<?> type) {
        return new PayloadTypes(mapper)
                .constraint(type)
                .map(found -> "It has the constraint " + found + ", which nothing validates; give the socket a"
                        + " validator(...), or throw InvalidPayload in the record's constructor.");
    }

    /**
     * Decodes a payload.
     *
     * @param type the type of the value
     * @param payload the payload
     * @param <T> the type
     * @return the value, or the invalid field and the reason
     * @throws IllegalArgumentException if no payload could be decoded as the type
     */
    public <T> PayloadOutcome<T> decode(Type<T> type, Payload payload) {
        return decode(type, payload, JsonProfile.RFC_8259);
    }

    /**
     * Decodes a payload, and checks what of it stays raw.
     *
     * @param type the type of the value
     * @param payload the payload
     * @param profile the rules for a {@link Raw}, also for one inside of the value
     * @param <T> the type
     * @return the value, or the invalid field and the reason
     * @throws IllegalArgumentException if no payload could be decoded as the type
     */
    public <T> PayloadOutcome<T> decode(Type<T> type, Payload payload, JsonProfile profile) {
        java.lang.reflect.Type target = type.type();
        if (target == Empty.class) {
            return valid(Empty.EMPTY);
        }
        return switch (payload) {
            case Payload.Binary binary
            when target == ByteBuffer.class ->
                valid(ByteBuffer.wrap(binary.bytes(), binary.from(), binary.length())
                        .slice()
                        .asReadOnlyBuffer());
            case Payload.Binary _ -> new Invalid<>("", "must be JSON");
            case Payload.Json _ when target == ByteBuffer.class -> new Invalid<>("", "must be binary");
            case Payload.Json json when target == Raw.class -> raw(json, profile);
            case Payload.Json json -> read(type, json, profile);
        };
    }

    private static <T> PayloadOutcome<T> raw(Payload.Json json, JsonProfile profile) {
        if (!json.isObject()) {
            return new Invalid<>("", "must be an object");
        }
        RawJson raw = new RawJson(json.bytes(), json.from(), json.to());
        String problem = raw.problem(profile);
        return problem == null ? valid(raw) : new Invalid<>("", problem);
    }

    private <T> PayloadOutcome<T> read(Type<T> type, Payload.Json json, JsonProfile profile) {
        ObjectReader known = readers.computeIfAbsent(type, key -> mapper.readerFor(mapper.constructType(key.type())));
        ObjectReader reader = profile == JsonProfile.RFC_8259 ? known : known.withAttribute(RawReader.PROFILE, profile);
        try (JsonParser parser = parser(reader, json)) {
            try {
                T value = reader.readValue(parser);
                return value == null ? new Invalid<>("", "must not be null") : new Valid<>(value);
            } catch (InvalidDefinitionException e) {
                if (unreadable(type, false).isEmpty()) {
                    return DecodeErrors.of(e, parser.currentToken()); // of this payload, and not of each
                }
                throw new IllegalArgumentException(
                        "No payload can be read as " + type + "; take a record that Jackson can read.", e);
            } catch (RuntimeException e) {
                return DecodeErrors.of(e, parser.currentToken());
            }
        }
    }

    private JsonParser parser(ObjectReader reader, Payload.Json json) {
        return json.length() < LargePayloads.MIN_BYTES
                ? reader.createParser(json.bytes(), json.from(), json.length())
                : large.parser(json);
    }

    @SuppressWarnings("unchecked") // the caller compared the type with the value's class
    private static <T> Valid<T> valid(Object value) {
        return new Valid<>((T) value);
    }

    /**
     * Encodes the payload of a push or broadcast.
     *
     * @param payload a record, a map, a {@link Raw}, a {@link ByteBuffer}, {@link Empty}, or any other value that the mapper writes as an
     *     object
     * @return a JSON object, or bytes. Those of a {@link Raw} from a client are not copied
     * @throws IllegalArgumentException if it is neither binary nor written as an object
     */
    public Payload encode(Object payload) {
        return object(payload, encodeResponse(payload));
    }

    /**
     * Encodes a payload without a declared type, and reports nulls that could not be read.
     *
     * @param event the name of the event
     * @param payload as for {@link #encode(Object)}
     * @return a JSON object, or bytes
     * @throws IllegalArgumentException if it is neither binary nor written as an object
     */
    public Payload encode(String event, Object payload) {
        return object(payload, encodeResponse(event, null, payload));
    }

    /**
     * Encodes the payload of a push or broadcast as the type of its event, and reports nulls that could not be read.
     *
     * @param event the event
     * @param payload as for {@link #encode(Object)}
     * @return a JSON object, or bytes
     * @throws IllegalArgumentException if it is neither binary nor written as an object
     */
    public Payload encode(Event<?> event, Object payload) {
        return object(payload, encodeResponse(event.name(), event.type(), payload));
    }

    private static Payload object(Object payload, Payload encoded) {
        if (encoded instanceof Payload.Json json && !json.isObject()) {
            throw new IllegalArgumentException("A payload of " + payload.getClass()
                    + " is not written as a JSON object; wrap it in a record or a map.");
        }
        return encoded;
    }

    /**
     * Encodes the response of a reply, which may be any JSON value.
     *
     * @param response a value that the mapper can write, or a {@link ByteBuffer}
     * @return a JSON value, or bytes: a copy of the buffer between its position and its limit
     * @throws IllegalArgumentException if the mapper cannot write it
     */
    public Payload encodeResponse(Object response) {
        Payload given = given(response);
        return given == null ? written(response, plain) : given;
    }

    /**
     * Encodes a payload of a client, without a report of nulls.
     *
     * @param type the declared type
     * @param payload as for {@link #encodeResponse(Object)}
     * @return a JSON value, or bytes
     * @throws IllegalArgumentException if the mapper cannot write it
     */
    public Payload encodeResponse(Type<?> type, Object payload) {
        Payload given = given(payload);
        return given == null ? written(payload, plain, type) : given;
    }

    /**
     * Encodes the response of a reply as a declared type, and reports nulls that could not be read.
     *
     * @param event the name of the call
     * @param type the type of its replies or of its errors; null if none is declared
     * @param response as for {@link #encodeResponse(Object)}
     * @return a JSON value, or bytes
     * @throws IllegalArgumentException if the mapper cannot write it
     */
    public Payload encodeResponse(String event, @Nullable Type<?> type, Object response) {
        Payload given = given(response);
        if (given != null) {
            return given;
        }
        NullReport to = report;
        if (to == null) {
            return written(response, plain, type);
        }
        if (!nullsFound) {
            try {
                return written(response, untilNull, type);
            } catch (UnreadableNulls.Found e) {
                nullsFound = true;
            }
        }
        UnreadableNulls.NullListener named = (owner, property) -> to.unreadable(event, owner, property);
        return written(response, untilNull.withAttribute(UnreadableNulls.NULL_LISTENER, named), type);
    }

    /** A payload that the mapper does not write; null for all others. */
    private static @Nullable Payload given(Object response) {
        return switch (response) {
            case Empty _ -> EMPTY;
            case RawJson raw -> new Payload.Json(raw.bytes(), raw.from(), raw.to());
            case ByteBuffer bytes -> binary(bytes.duplicate());
            case null -> throw new IllegalArgumentException("A payload is null; say Empty.EMPTY for none.");
            default -> null;
        };
    }

    private static Payload.Binary binary(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return new Payload.Binary(copy, 0, copy.length);
    }

    private Payload.Json written(Object value, ObjectWriter writer, @Nullable Type<?> type) {
        if (type != null) {
            JavaType declared = written.computeIfAbsent(type, this::declared).orElse(null);
            if (declared != null && declared.getRawClass().isInstance(value)) {
                return written(value, writer.forType(declared));
            }
        }
        return written(value, writer);
    }

    /**
     * The declared type, if the class of a value does not determine its JSON: subtypes that are named, and type arguments. Others are
     * written as their classes, since Jackson would leave out what a subclass adds.
     */
    private Optional<JavaType> declared(Type<?> type) {
        JavaType declared = mapper.constructType(type.type());
        boolean decides = declared.hasGenericTypes()
                ? declared.isContainerType() || declared.isFinal()
                : new PayloadTypes(mapper).namesSubtypes(declared);
        return decides ? Optional.of(declared) : Optional.empty();
    }

    private Payload.Json written(Object value, ObjectWriter writer) {
        try {
            byte[] json = writer.writeValueAsBytes(value);
            if (json.length == EMPTY.length() && json[0] == '{') {
                checkWritable(value.getClass());
            }
            return new Payload.Json(json, 0, json.length);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "Jackson cannot write a payload of " + value.getClass() + ": " + e.getOriginalMessage() + ".", e);
        }
    }

    /** Not all types are declared before: those of broadcasts are not. */
    private void checkWritable(Class<?> type) {
        unwritable(Type.of(type)).ifPresent(problem -> {
            throw new IllegalArgumentException("A payload has the type " + type.getName() + ". " + problem);
        });
    }
}
