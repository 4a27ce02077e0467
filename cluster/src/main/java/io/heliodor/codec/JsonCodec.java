package io.heliodor.codec;

import io.heliodor.codec.Decoded.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.json.JsonMapper;

/** One type as JSON. */
final class JsonCodec<T> implements Codec<T> {
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final JavaType type;

    JsonCodec(JsonMapper mapper, JavaType type) {
        this.reader = mapper.readerFor(type);
        this.writer = mapper.writerFor(type);
        this.type = type;
    }

    @Override
    public byte[] encode(T value) {
        try {
            return writer.writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "A value of %s cannot be written as JSON: %s".formatted(type.toCanonical(), describe(e)), e);
        }
    }

    @Override
    public Decoded<T> decode(byte[] bytes) {
        try {
            T value = reader.readValue(bytes);
            return value == null ? Decoded.malformed("null") : new Decoded.Value<>(value);
        } catch (InvalidTypeIdException e) {
            return new Decoded.Refused<>(Problem.UNKNOWN_TYPE, describe(e));
        } catch (RuntimeException e) {
            return Decoded.malformed(describe(e));
        }
    }

    private static String describe(RuntimeException cause) {
        String message = cause instanceof JacksonException jackson ? jackson.getOriginalMessage() : cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
