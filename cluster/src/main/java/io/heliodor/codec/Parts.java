package io.heliodor.codec;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The built-in codecs and combinators of {@link Codec}. */
final class Parts {
    static final Codec<byte[]> BYTES = new Whole<>(bytes -> bytes.clone(), bytes -> bytes.clone());
    static final Codec<String> TEXT = new Whole<>(text -> text.getBytes(StandardCharsets.UTF_8), Parts::text);
    static final Codec<Long> NUMBER = fixed(8, ByteBuffer::putLong, ByteBuffer::getLong);
    static final Codec<Double> DECIMAL = fixed(8, ByteBuffer::putDouble, ByteBuffer::getDouble);
    static final Codec<Boolean> BOOL = fixed(1, (out, yes) -> out.put((byte) (yes ? 1 : 0)), Parts::bool);

    private Parts() {}

    /** All bytes are one value; reading may throw anything. */
    private record Whole<T>(Function<T, byte[]> write, Reading<byte[], T> read) implements Codec<T> {
        @Override
        public byte[] encode(T value) {
            return write.apply(value);
        }

        @Override
        public Decoded<T> decode(byte[] bytes) {
            try {
                return new Decoded.Value<>(read.read(bytes));
            } catch (Exception e) {
                return malformed(e);
            }
        }
    }

    private interface Reading<A, B> {
        B read(A from) throws Exception;
    }

    static <T> Decoded<T> malformed(Exception cause) {
        return Decoded.malformed(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private static boolean bool(ByteBuffer in) {
        return switch (in.get()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new IllegalArgumentException("not a boolean");
        };
    }

    private static <T> Codec<T> fixed(
            int length, BiFunction<ByteBuffer, T, ByteBuffer> write, Function<ByteBuffer, T> read) {
        return new Whole<>(
                value -> write.apply(ByteBuffer.allocate(length), value).array(), bytes -> {
                    if (bytes.length != length) {
                        throw new IllegalArgumentException(bytes.length + " bytes instead of " + length);
                    }
                    return read.apply(ByteBuffer.wrap(bytes));
                });
    }

    static <T, U> Codec<U> mapped(
            Codec<T> codec, Function<? super T, ? extends U> read, Function<? super U, ? extends T> write) {
        return new Codec<>() {
            @Override
            public byte[] encode(U value) {
                return codec.encode(write.apply(value));
            }

            @Override
            public Decoded<U> decode(byte[] bytes) {
                return switch (codec.decode(bytes)) {
                    case Decoded.Refused<T>(var problem, var message) -> new Decoded.Refused<>(problem, message);
                    case Decoded.Value<T>(var value) -> {
                        try {
                            yield new Decoded.Value<>(read.apply(value));
                        } catch (RuntimeException e) {
                            yield malformed(e);
                        }
                    }
                };
            }
        };
    }

    static <T> Codec<List<T>> list(Codec<T> element) {
        return new Codec<>() {
            @Override
            public byte[] encode(List<T> values) {
                BinaryWriter out = new BinaryWriter(64).number(values.size());
                values.forEach(value -> out.bytes(element.encode(value)));
                return out.toBytes();
            }

            @Override
            public Decoded<List<T>> decode(byte[] bytes) {
                try {
                    BinaryReader in = new BinaryReader(bytes);
                    int count = in.count(1);
                    List<T> values = new ArrayList<>(Math.min(count, 1_000));
                    for (int i = 0; i < count; i++) {
                        switch (element.decode(in.bytes())) {
                            case Decoded.Value<T>(var value) -> values.add(value);
                            case Decoded.Refused<T>(var problem, var message) -> {
                                return new Decoded.Refused<>(problem, "element " + i + ": " + message);
                            }
                        }
                    }
                    return in.more()
                            ? Decoded.malformed("has trailing bytes")
                            : new Decoded.Value<>(List.copyOf(values));
                } catch (DecodeException e) {
                    return malformed(e);
                }
            }
        };
    }

    static <A, B, T> Codec<T> both(
            Codec<A> first,
            Codec<B> second,
            BiFunction<? super A, ? super B, ? extends T> join,
            Function<? super T, ? extends A> left,
            Function<? super T, ? extends B> right) {
        return new Codec<>() {
            @Override
            public byte[] encode(T value) {
                byte[] one = first.encode(left.apply(value));
                byte[] two = second.encode(right.apply(value));
                return new BinaryWriter(one.length + two.length + 10)
                        .bytes(one)
                        .bytes(two)
                        .toBytes();
            }

            @Override
            public Decoded<T> decode(byte[] bytes) {
                try {
                    BinaryReader in = new BinaryReader(bytes);
                    Decoded<A> one = first.decode(in.bytes());
                    Decoded<B> two = second.decode(in.bytes());
                    if (in.more()) {
                        return Decoded.malformed("has trailing bytes");
                    }
                    if (one instanceof Decoded.Refused<A>(var problem, var message)) {
                        return new Decoded.Refused<>(problem, message);
                    }
                    if (two instanceof Decoded.Refused<B>(var problem, var message)) {
                        return new Decoded.Refused<>(problem, message);
                    }
                    return new Decoded.Value<>(
                            join.apply(((Decoded.Value<A>) one).value(), ((Decoded.Value<B>) two).value()));
                } catch (DecodeException | RuntimeException e) {
                    return malformed(e);
                }
            }
        };
    }
}
