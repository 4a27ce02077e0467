package io.heliodor.playground.node;

/**
 * What came of something that a node was asked for.
 *
 * @param <T> what it gives; {@link Done} where there is nothing to give
 */
sealed interface Result<T> {
    record Ok<T>(T value) implements Result<T> {}

    /** The message is for people: what was wrong, with which value. */
    record Failed<T>(ErrorCode code, String message) implements Result<T> {}

    /** The value of what gives none. */
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
