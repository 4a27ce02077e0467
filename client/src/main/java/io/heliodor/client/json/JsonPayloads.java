package io.heliodor.client.json;

import io.heliodor.client.wire.Payload;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes payloads. {@link Empty} is any payload, {@link Raw} JSON, {@link ByteBuffer} bytes; a mapper reads and writes all
 * others. Any thread may use it.
 */
public final class JsonPayloads {
    private static final Payload EMPTY = Payload.json("{}");

    private final JsonMapper mapper;

    /** By type; the application declares the types. */
    private final Map<Type<?>, ObjectReader> readers = new ConcurrentHashMap<>();

    /**
     * Payloads by the rules of a mapper.
     *
     * @param mapper the application's mapper, which is not modified
     */
    public JsonPayloads(JsonMapper mapper) {
        this.mapper = mapper.rebuild()
                .addModule(new RawModule())
                .addModule(new FiniteNumbers())
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .annotationIntrospector(new AnnotationIntrospectorPair(
                        mapper.serializationConfig().getAnnotationIntrospector(), new SealedTypes()))
                .build();
    }

    /**
     * Writes a payload of an event or call, which is an object or bytes.
     *
     * @param name the name for the message of the exception
     * @param type the declared type
     * @param value the value
     * @return the payload
     * @throws IllegalArgumentException if the value is not written as an object
     */
    public Payload write(String name, Type<?> type, Object value) {
        Payload payload = given(value);
        if (payload == null) {
            try {
                byte[] bytes =
                        mapper.writerFor(mapper.constructType(type.type())).writeValueAsBytes(value);
                payload = Payload.json(bytes, 0, bytes.length);
            } catch (JacksonException e) {
                throw new IllegalArgumentException(
                        "'" + name + "' has a payload of " + value.getClass().getName()
                                + " that Jackson cannot write: " + e.getOriginalMessage()
                                + "; take a record, or give the client a mapper with json(mapper).",
                        e);
            }
        }
        if (!payload.isBinary() && payload.array()[payload.from()] != '{') {
            throw new IllegalArgumentException(
                    "'" + name + "' has a payload of " + value.getClass().getName()
                            + " that is not written as a JSON object; wrap it in a record or a map.");
        }
        return payload;
    }

    private static @Nullable Payload given(Object value) {
        if (value == Empty.EMPTY) {
            return EMPTY;
        }
        if (value instanceof Raw raw) {
            byte[] bytes = raw.json();
            return Payload.json(bytes, 0, bytes.length);
        }
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return Payload.binary(bytes, 0, bytes.length);
        }
        return null;
    }

    /**
     * Reads a payload.
     *
     * @param type the type
     * @param payload the payload
     * @param <T> the type
     * @return the value
     * @throws UnreadablePayload if the payload does not fit the type
     */
    @SuppressWarnings("unchecked") // the type is compared with the class of the value
    public <T> T read(Type<T> type, Payload payload) throws UnreadablePayload {
        if (type.type() == Empty.class) {
            return (T) Empty.EMPTY;
        }
        if (type.type() == ByteBuffer.class) {
            if (!payload.isBinary()) {
                throw new UnreadablePayload("JSON in the place of bytes", null);
            }
            return (T) payload.content();
        }
        if (payload.isBinary()) {
            throw new UnreadablePayload("bytes in the place of JSON", null);
        }
        try {
            if (type.type() == Raw.class) {
                return (T) Raw.of(payload.copy());
            }
            T value = reader(type).readValue(payload.array(), payload.from(), payload.length());
            return notNull(value);
        } catch (JacksonException e) {
            throw new UnreadablePayload(e.getOriginalMessage(), e);
        } catch (RuntimeException e) { // of a constructor of the application
            throw new UnreadablePayload(e.toString(), e);
        }
    }

    /**
     * Reads a part of a payload.
     *
     * @param type the type
     * @param tree the part
     * @param <T> the type
     * @return the value
     * @throws UnreadablePayload if the part does not fit the type
     */
    public <T> T read(Type<T> type, JsonNode tree) throws UnreadablePayload {
        try {
            T value = reader(type).readValue(tree);
            return notNull(value);
        } catch (JacksonException e) {
            throw new UnreadablePayload(e.getOriginalMessage(), e);
        } catch (RuntimeException e) { // of a constructor of the application
            throw new UnreadablePayload(e.toString(), e);
        }
    }

    private static <T> T notNull(@Nullable T value) throws UnreadablePayload {
        if (value == null) {
            throw new UnreadablePayload("null", null);
        }
        return value;
    }

    private ObjectReader reader(Type<?> type) {
        return readers.computeIfAbsent(type, key -> mapper.readerFor(mapper.constructType(key.type())));
    }
}
