package io.heliodor.codec;

import java.util.Objects;

/**
 * The result of decoding bytes.
 *
 * @param <T> the type that they were read as
 */
public sealed interface Decoded<T> {
    /**
     * The bytes are a value.
     *
     * @param value the value
     * @param <T> the type
     */
    record Value<T>(T value) implements Decoded<T> {
        /** Checks that no value is null. */
        public Value {
            Objects.requireNonNull(value, "value");
        }
    }

    /**
     * The bytes are not a value.
     *
     * @param problem the kind of problem
     * @param message a description, for the log of this node
     * @param <T> the type
     */
    record Refused<T>(Problem problem, String message) implements Decoded<T> {
        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(problem, "problem");
            Objects.requireNonNull(message, "message");
        }
    }

    /** The reasons why bytes are not a value. */
    enum Problem {
        /** They are not what the codec writes: cut off, spoilt, of another type, or with trailing bytes. */
        MALFORMED,
        /** They name a type that is not permitted where it stands. */
        UNKNOWN_TYPE,
        /** They were written by a newer version, or by one that is not read any more. */
        UNKNOWN_VERSION,
        /** There are more of them than may be; they were not looked at. */
        TOO_LARGE
    }

    /**
     * Bytes that are no value of the type.
     *
     * @param message what is wrong
     * @param <T> the type
     * @return refused as {@link Problem#MALFORMED}
     */
    static <T> Decoded<T> malformed(String message) {
        return new Refused<>(Problem.MALFORMED, message);
    }
}
