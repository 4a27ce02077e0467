package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Handles an event from a client, or an info or published message.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface EventHandler<S, A, T> {
    /**
     * Handles an event.
     *
     * @param payload the payload
     * @param context the joined channel
     * @return the outcome: {@link NoReply}, {@link Stop}, or {@link Reply#error} to refuse
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    Outcome<Void, ?> handle(T payload, Context<S, A> context) throws Exception;
}
