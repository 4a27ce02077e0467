package io.heliodor.codec;

import io.heliodor.codec.Decoded.Problem;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Says by which byte the classes of a family are told apart, and how each is written.
 *
 * <pre>{@code
 * Codec<Shape> codec = Codec.<Shape>variants()
 *     .add(1, Circle.class, Codec.decimal().map(Circle::new, Circle::radius))
 *     .add(2, Named.class, Codec.text().map(Named::new, Named::name))
 *     .build();
 * }</pre>
 *
 * @param <T> what the classes have in common
 */
public final class Variants<T> {
    private record Variant<T>(byte id, Class<?> type, Codec<T> codec) {}

    private final Map<Class<?>, Variant<T>> byType = new HashMap<>();
    private final Map<Byte, Variant<T>> byId = new HashMap<>();

    Variants() {}

    /**
     * A class of the family.
     *
     * @param id the byte that stands for it, -128 to 127 or 0 to 255; never given a new meaning
     * @param type the class; values of subclasses are not written
     * @param codec how its values are written
     * @param <V> the class
     * @return this
     * @throws IllegalArgumentException when the id or the class was given before, or the id is no byte
     */
    public <V extends T> Variants<T> add(int id, Class<V> type, Codec<V> codec) {
        if (id < -128 || id > 255) {
            throw new IllegalArgumentException("The id of " + type + " is one byte, not " + id + ".");
        }
        Codec<T> wide = codec.map(value -> value, type::cast);
        Variant<T> variant = new Variant<>((byte) id, type, wide);
        if (byId.containsKey(variant.id) || byType.containsKey(type)) {
            throw new IllegalArgumentException(
                    "The id " + id + " or " + type + " is there already; each is given once.");
        }
        byId.put(variant.id, variant);
        byType.put(type, variant);
        return this;
    }

    /**
     * The codec.
     *
     * @return it keeps what was said until now
     */
    public Codec<T> build() {
        return new Choice<>(Map.copyOf(byType), Map.copyOf(byId));
    }

    private record Choice<T>(Map<Class<?>, Variant<T>> byType, Map<Byte, Variant<T>> byId) implements Codec<T> {
        @Override
        public byte[] encode(T value) {
            Variant<T> variant = byType.get(value.getClass());
            if (variant == null) {
                throw new IllegalArgumentException("No id was given for " + value.getClass() + "; add it.");
            }
            byte[] bytes = variant.codec.encode(value);
            byte[] tagged = new byte[bytes.length + 1];
            tagged[0] = variant.id;
            System.arraycopy(bytes, 0, tagged, 1, bytes.length);
            return tagged;
        }

        @Override
        public Decoded<T> decode(byte[] bytes) {
            if (bytes.length == 0) {
                return Decoded.malformed("ends too early");
            }
            Variant<T> variant = byId.get(bytes[0]);
            return variant == null
                    ? new Decoded.Refused<>(Problem.UNKNOWN_TYPE, "no type has the id " + bytes[0])
                    : variant.codec.decode(Arrays.copyOfRange(bytes, 1, bytes.length));
        }
    }
}
