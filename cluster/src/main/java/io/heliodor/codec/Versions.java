package io.heliodor.codec;

import io.heliodor.codec.Decoded.Problem;
import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Says which versions of a value are read beside the one that is written.
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
public final class Versions<T> {
    private final int current;
    private final Codec<T> codec;
    private final Map<Long, Codec<T>> readable = new HashMap<>();

    Versions(int current, Codec<T> codec) {
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
    public <O> Versions<T> reads(int version, Codec<O> form, Function<? super O, ? extends T> upgrade) {
        add(version, form.map(upgrade, value -> {
            throw new IllegalArgumentException("Version " + version + " is only read.");
        }));
        return this;
    }

    /**
     * The codec.
     *
     * @return it keeps what was said until now
     */
    public Codec<T> build() {
        return new Versioned<>(current, codec, Map.copyOf(readable));
    }

    private record Versioned<T>(int current, Codec<T> codec, Map<Long, Codec<T>> readable) implements Codec<T> {
        @Override
        public byte[] encode(T value) {
            byte[] bytes = codec.encode(value);
            return new Output(bytes.length + 12).number(current).bytes(bytes).toBytes();
        }

        @Override
        public Decoded<T> decode(byte[] bytes) {
            try {
                Input in = new Input(bytes);
                long version = in.number();
                Codec<T> reader = readable.get(version);
                if (reader == null) {
                    return new Decoded.Refused<>(
                            Problem.UNKNOWN_VERSION, "version " + version + ", but read are " + readable.keySet());
                }
                byte[] form = in.bytes();
                return in.more() ? Decoded.malformed("goes on behind its end") : reader.decode(form);
            } catch (Malformed e) {
                return Parts.malformed(e);
            }
        }
    }
}
