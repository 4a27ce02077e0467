package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Handles a call of a client.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <Q> the type of the payload
 * @param <R> the type of the reply
 * @param <E> the type of an error's payload
 */
@FunctionalInterface
public interface CallHandler<S, A, Q, R, E> {
    /**
     * Called for each call in turn.
     *
     * @param request what was asked
     * @param context the joined channel
     * @return what to do: {@link Reply}, or {@link Stop}
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    Outcome<R, E> handle(Q request, Context<S, A> context) throws Exception;
}
