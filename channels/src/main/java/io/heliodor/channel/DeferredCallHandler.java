package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Handles a call of a client with a deferred reply.
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
public interface DeferredCallHandler<S, A, Q, R, E> {
    /**
     * Called for each call in turn; the next handler runs when it returns, whether the reply was sent or not.
     *
     * @param request the payload
     * @param context the joined channel
     * @param reply to be sent once
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    void handle(Q request, Context<S, A> context, DeferredReply<R, E> reply) throws Exception;
}
