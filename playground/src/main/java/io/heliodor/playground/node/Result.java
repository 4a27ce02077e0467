package io.heliodor.playground.node;

/**
 * The result of a command.
 *
 * @param <T> the type of its value; {@link Done} without a value
 */
sealed interface Result<T> {
    record Ok<T>(T value) implements Result<T> {}

    /** A failure with a message for people, which has the wrong value. */
    record Failed<T>(ErrorCode code, String message) implements Result<T> {}

    /** The value of a result without one. */
    enum Done {
        DONE
    }

    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    static Result<Done> done() {
        return new Ok<>(Done.DONE);
    }

    static <T> Result<T> failed(ErrorCode code, String message) {
        return new Failed<>(code, message);
    }
}
