package io.heliodor.wire;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.type.LogicalType;

/**
 * A deserializer that reads a box, or an array of boxes, so that the rules of those apply, and converts it.
 *
 * @param <T> the type of the value
 * @param <B> the box, or the array of boxes
 */
final class Unboxed<T, B> extends StdDeserializer<T> {
    private final Class<B> box;
    private final Function<B, T> unbox;
    private final @Nullable T ofNull;

    Unboxed(Class<T> type, Class<B> box, Function<B, T> unbox, @Nullable T ofNull) {
        super(type);
        this.box = box;
        this.unbox = unbox;
        this.ofNull = ofNull;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
        return unbox.apply(context.readValue(parser, box));
    }

    @Override
    public LogicalType logicalType() {
        return box.isArray() ? LogicalType.Array : LogicalType.Integer;
    }

    @Override
    public @Nullable Object getNullValue(DeserializationContext context) {
        return ofNull;
    }
}
