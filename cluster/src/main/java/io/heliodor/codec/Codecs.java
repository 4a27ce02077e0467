package io.heliodor.codec;

import io.heliodor.codec.Decoded.Problem;
import io.heliodor.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The codec of each type whose values are sent between nodes: the one that was given for it, else one for JSON.
 *
 * <p>JSON is for records, enums, sealed families of such, and the JDK's types that Jackson supports: numbers, strings, times,
 * {@code Optional}, lists, sets, maps. If a sealed type is declared, the simple name of the value's class is sent with it,
 * and is looked up among the permitted subtypes only. Reading is strict: nothing is coerced, a component that is neither
 * {@code Optional} nor {@code @Nullable} must be there, unknown components are ignored. Names of components and keys of
 * maps have at most 1 000 characters. Other classes are refused, except values ({@code @JsonValue}) and those with a
 * deserializer of their own: Jackson would not notice what is missing in them.
 *
 * <p>A type is checked when it is registered, not when the first value is sent: {@link #of} throws if JSON cannot hold it.
 *
 * <p>Immutable; any thread may use it.
 */
public final class Codecs {
    /** The default of the maximum size of a value: 4 MiB. */
    public static final int MESSAGE_BYTES = 4 << 20;

    private final int limit;
    private final JsonMapper mapper;
    private final Map<Class<?>, Reference<?>> references;
    private final Map<Class<?>, Codec<?>> own = new HashMap<>();

    /** One for each type that the program names, so it cannot be grown by peers. */
    private final Map<java.lang.reflect.Type, Codec<?>> codecs = new ConcurrentHashMap<>();

    private Codecs(Builder builder) {
        this.limit = builder.limit;
        this.references = Map.copyOf(builder.references);
        // The mapper keeps the map itself: a codec may be built from those of this object.
        this.mapper = CodecMapper.mapper(references, own);
        List<Later> unbuilt = new ArrayList<>();
        builder.own.forEach((type, make) -> {
            Later later = new Later(make);
            own.put(type, later);
            unbuilt.add(later);
        });
        unbuilt.forEach(later -> later.build(this));
    }

    /**
     * To say what differs from the default.
     *
     * @return a builder of JSON codecs for values of 4 MiB
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * How large a value may be.
     *
     * @return bytes
     */
    public int limit() {
        return limit;
    }

    /**
     * The codec of a type. It throws {@link TooLarge} for a value beyond the limit, and refuses such bytes unseen.
     *
     * @param type which
     * @param <T> the type
     * @return its codec
     * @throws IllegalArgumentException when there is none for it and JSON cannot carry it
     */
    public <T> Codec<T> of(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return cast(any(type));
    }

    /**
     * The codec of a type with arguments.
     *
     * @param type which
     * @param <T> the type
     * @return its codec
     * @throws IllegalArgumentException when there is none for it and JSON cannot carry it
     */
    public <T> Codec<T> of(Type<T> type) {
        Objects.requireNonNull(type, "type");
        return cast(any(type.type()));
    }

    /**
     * The codec of a type that is known by reflection.
     *
     * @param type which
     * @return its codec
     * @throws IllegalArgumentException when there is none for it and JSON cannot carry it
     */
    public Codec<?> any(java.lang.reflect.Type type) {
        Objects.requireNonNull(type, "type");
        // Asked for with each message: what Jackson makes of the type is looked at once.
        Codec<?> known = codecs.get(type);
        if (known == null) {
            JavaType key = mapper.constructType(type);
            Codec<?> given = own.get(key.getRawClass());
            Codec<?> plain = given == null ? json(mapper, own, key) : given;
            known = limited(plain);
            codecs.put(type, known);
        }
        return known;
    }

    private <T> Codec<T> limited(Codec<T> codec) {
        return new Limited<>(codec, limit);
    }

    /**
     * JSON for a type, even if another codec was given for it: to build that one from it.
     *
     * @param type which
     * @param <T> the type
     * @return the codec, without a limit
     * @throws IllegalArgumentException when JSON cannot carry it
     */
    public <T> Codec<T> json(Class<T> type) {
        Objects.requireNonNull(type, "type");
        Map<Class<?>, Codec<?>> others = new HashMap<>(own);
        return others.remove(type) == null
                ? cast(json(mapper, own, mapper.constructType(type)))
                : cast(json(CodecMapper.mapper(references, others), others, mapper.constructType(type)));
    }

    private Codec<?> json(JsonMapper json, Map<Class<?>, Codec<?>> given, JavaType type) {
        new Shape(json.getTypeFactory(), references, given.keySet(), part -> readable(json, part)).check(type);
        return new JsonCodec<>(json, type);
    }

    /** Jackson builds what reads a type when it meets the first value. */
    private static void readable(JsonMapper json, JavaType type) {
        Optional<RuntimeException> problem = Optional.empty();
        if (isNoValue(json, type)) {
            throw new IllegalArgumentException(
                    "JSON cannot carry %s: it is a class of the JDK, not a value. Take a record."
                            .formatted(type.toCanonical()));
        }
        try {
            Object _ = json.readerFor(type).readValue("null");
        } catch (InvalidDefinitionException e) {
            problem = Optional.of(e);
        } catch (JacksonException e) {
            return; // it can be read, but null is not a value of it
        } catch (RuntimeException e) {
            problem = Optional.of(e);
        }
        if (problem.isPresent()) {
            throw new IllegalArgumentException(
                    "JSON cannot carry %s: %s. Take a record whose package is open to tools.jackson.databind, or give a codec."
                            .formatted(type.toCanonical(), problem.get().getMessage()),
                    problem.get());
        }
    }

    /** Whether Jackson would read a class of the JDK by its setters, as it does if it does not know the class: a thread, for example. */
    private static boolean isNoValue(JsonMapper json, JavaType type) {
        Class<?> raw = type.getRawClass();
        try {
            return raw.getName().startsWith("java.")
                    && !raw.isEnum()
                    && json._deserializationContext().findContextualValueDeserializer(type, null)
                            instanceof BeanDeserializerBase;
        } catch (JacksonException e) {
            return false; // the reader below has the problem
        }
    }

    @SuppressWarnings("unchecked") // kept under the type that it is for
    private static <T> Codec<T> cast(Codec<?> codec) {
        return (Codec<T>) codec;
    }

    /** Says what differs from the default. Not thread-safe. */
    public static final class Builder {
        private final Map<Class<?>, Reference<?>> references = new HashMap<>();
        private final Map<Class<?>, Function<Codecs, ? extends Codec<?>>> own = new HashMap<>();
        private int limit = MESSAGE_BYTES;

        private Builder() {}

        /**
         * How large a value may be.
         *
         * @param bytes 1 or more; the same on all nodes
         * @return this
         */
        public Builder limit(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("A value has 1 byte or more, so the limit cannot be " + bytes + ".");
            }
            limit = bytes;
            return this;
        }

        /**
         * A codec for a class, wherever its values stand: alone, or inside others that go as JSON (as Base64 there).
         *
         * @param type a class without type parameters; inside others it must be final, as records and enums are
         * @param codec how its values are written, on all nodes
         * @param <T> the class
         * @return this
         * @throws IllegalArgumentException when one was given for it
         */
        public <T> Builder codec(Class<T> type, Codec<T> codec) {
            Objects.requireNonNull(codec, "codec");
            return codec(type, codecs -> codec);
        }

        /**
         * A codec for a class that is built from others, for values that hold a {@code Pid}, or in several versions.
         *
         * @param type a class without type parameters; inside others it must be final, as records and enums are
         * @param make makes the codec; called once for each node. It may ask for the codecs of other types
         * @param <T> the class
         * @return this
         * @throws IllegalArgumentException when one was given for it
         */
        public <T> Builder codec(Class<T> type, Function<Codecs, Codec<T>> make) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(make, "make");
            if (own.putIfAbsent(type, make) != null) {
                throw new IllegalArgumentException(type + " has a codec already; give one.");
            }
            return this;
        }

        /**
         * Values that travel as a short text.
         *
         * @param reference how
         * @return this
         */
        public Builder reference(Reference<?> reference) {
            Objects.requireNonNull(reference, "reference");
            references.put(reference.type(), reference);
            return this;
        }

        /**
         * Builds the codecs.
         *
         * @return the codecs; later changes of this builder do not affect them
         */
        public Codecs build() {
            return new Codecs(this);
        }
    }

    /** Stands for a codec that is being built: codecs may be built from each other in any order. */
    private static final class Later implements Codec<Object> {
        private final Function<Codecs, ? extends Codec<?>> make;
        private @Nullable Codec<Object> codec;

        Later(Function<Codecs, ? extends Codec<?>> make) {
            this.make = make;
        }

        void build(Codecs codecs) {
            codec = cast(make.apply(codecs));
        }

        private Codec<Object> codec() {
            if (codec == null) {
                throw new IllegalStateException("A codec was used before all codecs were built.");
            }
            return codec;
        }

        @Override
        public byte[] encode(Object value) {
            return codec().encode(value);
        }

        @Override
        public Decoded<Object> decode(byte[] bytes) {
            return codec().decode(bytes);
        }
    }

    /** Enforces the size limit on a user's codec. */
    private record Limited<T>(Codec<T> codec, int limit) implements Codec<T> {
        @Override
        public byte[] encode(T value) {
            byte[] bytes = codec.encode(value);
            if (bytes.length > limit) {
                throw new TooLarge(bytes.length, limit);
            }
            return bytes;
        }

        @Override
        public Decoded<T> decode(byte[] bytes) {
            if (bytes.length > limit) {
                return new Decoded.Refused<>(
                        Problem.TOO_LARGE, bytes.length + " bytes, but at most " + limit + " are read");
            }
            @Nullable Decoded<T> decoded;
            try {
                decoded = codec.decode(bytes);
            } catch (RuntimeException e) {
                return Parts.malformed(e);
            }
            return decoded == null ? Decoded.malformed("the codec gave nothing") : decoded;
        }
    }
}
