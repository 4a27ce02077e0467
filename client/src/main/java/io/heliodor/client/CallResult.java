package io.heliodor.client;

import io.heliodor.client.status.Refusal;
import java.util.Objects;

/**
 * The result of a call. Each accepted call has exactly one. Values are immutable.
 *
 * <p>After {@link TimedOut} and {@link Closed} the call may have been executed. If that matters, declare it with {@code once}: then it is
 * repeated until it is answered.
 *
 * @param <R> the type of the reply
 * @param <E> the type of the declared error
 */
public sealed interface CallResult<R, E> {
    /**
     * The reply.
     *
     * @param reply the value
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record Ok<R, E>(R reply) implements CallResult<R, E> {
        /** Checks that no value is null. */
        public Ok {
            Objects.requireNonNull(reply, "reply");
        }
    }

    /**
     * The declared error: a decision of the handler.
     *
     * @param error the value
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record Failed<R, E>(E error) implements CallResult<R, E> {
        /** Checks that no value is null. */
        public Failed {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * A refusal of the server itself, such as {@code rate_limited} or {@code unhandled_event}, or an error that does not fit the declared
     * type. After {@code crashed}, the handler of the call threw an exception: the call may have been executed. If a reply does not fit its type, the reason is {@link #INVALID_REPLY}: the call
     * was executed. If it is larger than {@code maxMessageBytes}, the reason is {@code reply_too_large}: the server has answered.
     *
     * @param refusal the reason
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record Refused<R, E>(Refusal refusal) implements CallResult<R, E> {
        /** The reason of a refusal by this client: the reply does not fit the type that the call declares. */
        public static final String INVALID_REPLY = "invalid_reply";

        /** Checks that no value is null. */
        public Refused {
            Objects.requireNonNull(refusal, "refusal");
        }
    }

    /**
     * No reply came in time after the call was sent, or the waiting thread was interrupted. The call may have been executed.
     *
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record TimedOut<R, E>() implements CallResult<R, E> {}

    /**
     * The call was not sent: too many messages or calls wait, its time ended without a connection or before the channel was joined, or the
     * channel or the client has ended before its turn. It is not executed, so it may be made again.
     *
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record NotSent<R, E>() implements CallResult<R, E> {}

    /**
     * The channel or the client has ended after the call was sent. It may have been executed.
     *
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     */
    record Closed<R, E>() implements CallResult<R, E> {}

    /**
     * The reply, for programs in which each other result is a fault.
     *
     * @return the reply
     * @throws IllegalStateException if the result is another one, which the message contains
     */
    default R orElseThrow() {
        if (this instanceof Ok<R, E> ok) {
            return ok.reply();
        }
        throw new IllegalStateException("The call has no reply but " + this + "; examine the CallResult instead.");
    }
}
