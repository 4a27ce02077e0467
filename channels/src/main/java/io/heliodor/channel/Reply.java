package io.heliodor.channel;

import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import java.util.Objects;

/**
 * A reply to a client: {@code ok} with the payload that its {@link Call} promises, or {@code error} with the error's payload.
 *
 * <p>If the client sent no {@code ref} to reply to, it is dropped.
 *
 * @param <R> the type of the payload
 * @param <E> the type of an error's payload
 */
public sealed interface Reply<R, E> extends Outcome<R, E> {
    /**
     * Status {@code ok}.
     *
     * @param payload the payload
     * @param <R> its type
     * @param <E> the type of an error's payload
     */
    record Ok<R, E>(R payload) implements Reply<R, E> {
        /** Checks that no value is null. */
        public Ok {
            Objects.requireNonNull(
                    payload, "The payload of a reply is null; give Empty.EMPTY if there is nothing to say.");
        }
    }

    /**
     * Status {@code error}.
     *
     * @param reason its payload, which Jackson writes as a JSON object
     * @param <R> the type of the payload that was promised
     * @param <E> the type of an error's payload
     */
    @SuppressWarnings("AvoidCommonTypeNames") // the status on the wire is "error"
    record Error<R, E>(E reason) implements Reply<R, E> {
        /** Checks that no value is null. */
        public Error {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * No reply to a call, see {@link #none()}.
     *
     * @param <R> the type of the payload that was promised
     * @param <E> the type of an error's payload
     */
    record None<R, E>() implements Outcome<R, E> {}

    /**
     * Status {@code ok} with a payload.
     *
     * @param payload the payload
     * @param <R> its type
     * @param <E> the type of an error's payload
     * @return the reply
     */
    static <R, E> Reply<R, E> ok(R payload) {
        return new Ok<>(payload);
    }

    /**
     * Status {@code ok} with {@code {}}.
     *
     * @param <E> the type of an error's payload
     * @return the reply
     */
    static <E> Reply<Empty, E> ok() {
        return new Ok<>(Empty.EMPTY);
    }

    /**
     * No reply to a call, for clients that send it without waiting: supabase-js broadcasts so without {@code ack}. A client that waits does
     * so until its timeout, and a repeat of a call that is executed {@linkplain Call#once once} gets the error {@code unanswered}.
     *
     * @param <R> the type of the payload that was promised
     * @param <E> the type of an error's payload
     * @return the outcome
     */
    static <R, E> Outcome<R, E> none() {
        return new None<>();
    }

    /**
     * Status {@code error} with {@code {"reason": text}}.
     *
     * @param text the reason, seen by the client
     * @param <R> the type of the payload that was promised
     * @return the reply
     * @throws IllegalArgumentException if it is empty
     */
    static <R> Error<R, Reason> error(String text) {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    "The reason of an error is empty, so a page could not tell it from others; give one such as \"full\".");
        }
        return new Error<>(new Reason(text));
    }

    /**
     * Status {@code error} with a payload.
     *
     * @param payload the error's payload, which Jackson writes as a JSON object
     * @param <R> the type of the payload that was promised
     * @param <E> the type of the error's payload
     * @return the reply
     */
    static <R, E> Error<R, E> error(E payload) {
        return new Error<>(payload);
    }
}
