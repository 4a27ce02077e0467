package io.heliodor.codec;

import java.util.List;
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
     * A value from bytes. Whatever the bytes are, it throws nothing and takes memory in proportion to them only.
     *
     * @param bytes all of them; what is left behind a value makes them {@linkplain Decoded.Problem#MALFORMED malformed}
     * @return the value, or why they are none
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
        return Parts.both(first, second, join, left, right);
    }

    /**
     * Values of several classes, told apart by one byte that you choose for each.
     *
     * @param <T> what they have in common
     * @return to be told the classes
     */
    static <T> Variants<T> variants() {
        return new Variants<>();
    }

    /**
     * Values whose form changes over time. This version is written; it and those that {@link Versions#reads} names are
     * read.
     *
     * @param version the number of the version that is written: 0 or more
     * @param current how it is written
     * @param <T> the type of the values
     * @return to be told the older versions
     */
    static <T> Versions<T> versions(int version, Codec<T> current) {
        return new Versions<>(version, current);
    }
}
