package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Handles a call from a client.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
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
     * Handles a call.
     *
     * @param request the payload
     * @param context the joined channel
     * @return the outcome: {@link Reply}, {@link Reply#none()}, or {@link Stop}
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    Outcome<R, E> handle(Q request, Context<S, A> context) throws Exception;
}
