package io.heliodor.channel;

import java.util.Map;

/**
 * An answer: {@code ok} with a payload of the promised type, or {@code error} with anything.
 *
 * <p>Where the client gave no {@code ref} to answer to, it is dropped.
 *
 * @param <R> the type of the promised payload
 */
public sealed interface Reply<R> extends Outcome<R> {
    /**
     * Status {@code ok}.
     *
     * @param payload the answer
     * @param <R> its type
     */
    record Ok<R>(R payload) implements Reply<R> {}

    /**
     * Status {@code error}.
     *
     * @param reason what Jackson writes as a JSON object
     * @param <R> the type that was promised
     */
    @SuppressWarnings("AvoidCommonTypeNames") // the status on the wire is "error"
    record Error<R>(Object reason) implements Reply<R> {}

    /**
     * Answers {@code ok} with a payload.
     *
     * @param payload the answer
     * @param <R> its type
     * @return the reply
     */
    static <R> Reply<R> ok(R payload) {
        return new Ok<>(payload);
    }

    /**
     * Answers {@code ok} with {@code {}}.
     *
     * @return the reply
     */
    static Reply<Empty> ok() {
        return new Ok<>(Empty.EMPTY);
    }

    /**
     * Answers {@code error} with {@code {"reason": text}}.
     *
     * @param text the reason, seen by the client
     * @param <R> the type that was promised
     * @return the reply
     */
    static <R> Reply<R> error(String text) {
        return new Error<>(Map.of("reason", text));
    }

    /**
     * Answers {@code error} with a payload.
     *
     * @param payload what Jackson writes as a JSON object
     * @param <R> the type that was promised
     * @return the reply
     */
    static <R> Reply<R> error(Object payload) {
        return new Error<>(payload);
    }
}
