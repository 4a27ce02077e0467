package io.heliodor.codec;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.codec.Decoded.Problem;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Turns the values of one type into bytes and back. Any thread may use it, several at once.
 *
 * <p>Who writes none gets {@linkplain Codecs JSON}. One of your own is for values that must be small or fast, or that JSON
 * cannot carry; build it from those here with {@link #map}, or implement both methods.
 *
 * <pre>{@code
 * Codec<Celsius> codec = Codec.decimal().map(Celsius::new, Celsius::degrees);
 * }</pre>
 *
 * @param <T> the type of the values
 */
public interface Codec<T> {
    /**
     * A value as bytes.
     *
     * @param value what is sent
     * @return the bytes; not changed any more by anybody
     * @throws IllegalArgumentException when the value cannot be written
     */
    byte[] encode(T value);

    /**
     * Reads a value from bytes. It throws nothing for any bytes, and takes memory in proportion to them only.
     *
     * @param bytes all of them; trailing bytes make them {@linkplain Decoded.Problem#MALFORMED malformed}
     * @return the value, or why there is none
     */
    Decoded<T> decode(byte[] bytes);

    /**
     * A codec for values that are written as those of this one.
     *
     * @param read makes a value of what was read; an exception of its means that the bytes are no value
     * @param write makes what is written of a value
     * @param <U> the type of the values
     * @return the codec
     */
    default <U> Codec<U> map(Function<? super T, ? extends U> read, Function<? super U, ? extends T> write) {
        Objects.requireNonNull(read, "read");
        Objects.requireNonNull(write, "write");
        return Parts.mapped(this, read, write);
    }

    /**
     * Strings, in UTF-8.
     *
     * @return the codec
     */
    static Codec<String> text() {
        return Parts.TEXT;
    }

    /**
     * Integers of 64 bits.
     *
     * @return the codec
     */
    static Codec<Long> number() {
        return Parts.NUMBER;
    }

    /**
     * Floating-point numbers of 64 bits.
     *
     * @return the codec
     */
    static Codec<Double> decimal() {
        return Parts.DECIMAL;
    }

    /**
     * True or false.
     *
     * @return the codec
     */
    static Codec<Boolean> bool() {
        return Parts.BOOL;
    }

    /**
     * Bytes as they are.
     *
     * @return the codec; it copies
     */
    static Codec<byte[]> bytes() {
        return Parts.BYTES;
    }

    /**
     * One after another.
     *
     * @param element how each element is written
     * @param <T> the type of the elements
     * @return the codec; the lists that it reads cannot be changed
     */
    static <T> Codec<List<T>> list(Codec<T> element) {
        Objects.requireNonNull(element, "element");
        return Parts.list(element);
    }

    /**
     * Something or nothing.
     *
     * @param present how what is present is written
     * @param <T> its type
     * @return the codec
     */
    static <T> Codec<Optional<T>> optional(Codec<T> present) {
        Objects.requireNonNull(present, "present");
        return Parts.list(present)
                .map(
                        list -> {
                            if (list.size() > 1) {
                                throw new IllegalArgumentException("more than one");
                            }
                            return list.stream().findFirst();
                        },
                        value -> value.stream().toList());
    }

    /**
     * Two values, one behind the other, that are one for the user.
     *
     * @param first how the first is written
     * @param second how the second is written
     * @param join makes one of both; an exception of its means that the bytes are no value
     * @param left the first of a value
     * @param right the second of a value
     * @param <A> the type of the first
     * @param <B> the type of the second
     * @param <T> the type of the whole
     * @return the codec
     */
    static <A, B, T> Codec<T> both(
            Codec<A> first,
            Codec<B> second,
            BiFunction<? super A, ? super B, ? extends T> join,
            Function<? super T, ? extends A> left,
            Function<? super T, ? extends B> right) {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(second, "second");
        Objects.requireNonNull(join, "join");
        Objects.requireNonNull(left, "left");
        Objects.requireNonNull(right, "right");
        return Parts.both(first, second, join, left, right);
    }

    /**
     * A codec for values of several classes, distinguished by one byte that you choose for each.
     *
     * @param <T> what they have in common
     * @return a builder; add the classes
     */
    static <T> VariantsBuilder<T> variants() {
        return new VariantsBuilder<>();
    }

    /**
     * Values whose form changes over time. This version is written; it and those that {@link VersionsBuilder#reads} names are
     * read.
     *
     * @param version the number of the version that is written: 0 or more
     * @param current how it is written
     * @param <T> the type of the values
     * @return a builder; add the other versions
     */
    static <T> VersionsBuilder<T> versions(int version, Codec<T> current) {
        Objects.requireNonNull(current, "current");
        return new VersionsBuilder<>(version, current);
    }

    /**
     * Builds a codec for the classes of a family: a byte stands for each, and each has a codec.
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
    final class VariantsBuilder<T> {
        private record Variant<T>(byte id, Class<?> type, Codec<T> codec) {}

        private final Map<Class<?>, Variant<T>> byType = new HashMap<>();
        private final Map<Byte, Variant<T>> byId = new HashMap<>();

        VariantsBuilder() {}

        /**
         * A class of the family.
         *
         * @param id the byte that stands for it, -128 to 127 or 0 to 255; never given a new meaning
         * @param type the class; values of subclasses are not written
         * @param codec how its values are written
         * @param <V> the class
         * @return this
         * @throws IllegalArgumentException when the id or the class was given before, or the id is not a byte
         */
        public <V extends T> VariantsBuilder<T> add(int id, Class<V> type, Codec<V> codec) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(codec, "codec");
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
         * @return with what was added until now
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

    /**
     * Builds a codec that reads other versions of a value in addition to the one that it writes.
     *
     * <pre>{@code
     * Codec<Order> codec = Codec.versions(2, json.json(Order.class))
     *     .reads(1, json.json(OrderOfLastYear.class), old -> new Order(old.id(), List.of(old.item())))
     *     .build();
     * }</pre>
     *
     * <p>So a cluster is upgraded in two steps: first all nodes learn to read the new version, then they write it.
     *
     * @param <T> the type of the values
     */
    final class VersionsBuilder<T> {
        private final int current;
        private final Codec<T> codec;
        private final Map<Long, Codec<T>> readable = new HashMap<>();

        VersionsBuilder(int current, Codec<T> codec) {
            this.current = current;
            this.codec = codec;
            add(current, codec);
        }

        private void add(int version, Codec<T> reader) {
            if (version < 0) {
                throw new IllegalArgumentException("A version is 0 or more, not " + version + ".");
            }
            if (readable.putIfAbsent((long) version, reader) != null) {
                throw new IllegalArgumentException("Version " + version + " is given twice; give each another number.");
            }
        }

        /**
         * Another version that is read.
         *
         * @param version its number; an older one, or one that other nodes will write soon
         * @param form how it was written
         * @param upgrade makes the value of what was read; an exception of its means that the bytes are no value
         * @param <O> the type of what was written then
         * @return this
         * @throws IllegalArgumentException when the version is known already, or below 0
         */
        public <O> VersionsBuilder<T> reads(int version, Codec<O> form, Function<? super O, ? extends T> upgrade) {
            Objects.requireNonNull(form, "form");
            Objects.requireNonNull(upgrade, "upgrade");
            add(version, form.map(upgrade, value -> {
                throw new IllegalArgumentException("Version " + version + " is only read.");
            }));
            return this;
        }

        /**
         * The codec.
         *
         * @return with what was added until now
         */
        public Codec<T> build() {
            return new Versioned<>(current, codec, Map.copyOf(readable));
        }

        private record Versioned<T>(int current, Codec<T> codec, Map<Long, Codec<T>> readable) implements Codec<T> {
            @Override
            public byte[] encode(T value) {
                byte[] bytes = codec.encode(value);
                return new BinaryWriter(bytes.length + 12)
                        .number(current)
                        .bytes(bytes)
                        .toBytes();
            }

            @Override
            public Decoded<T> decode(byte[] bytes) {
                try {
                    BinaryReader in = new BinaryReader(bytes);
                    long version = in.number();
                    Codec<T> reader = readable.get(version);
                    if (reader == null) {
                        return new Decoded.Refused<>(
                                Problem.UNKNOWN_VERSION, "version " + version + ", but read are " + readable.keySet());
                    }
                    byte[] form = in.bytes();
                    return in.more() ? Decoded.malformed("has trailing bytes") : reader.decode(form);
                } catch (DecodeException e) {
                    return Parts.malformed(e);
                }
            }
        }
    }
}
