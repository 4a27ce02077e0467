package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Handles an event of a client, or a message of the server side.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <T> the type of the payload
 */
@FunctionalInterface
public interface EventHandler<S, A, T> {
    /**
     * Called for each event in turn.
     *
     * @param payload what was said
     * @param context the joined channel
     * @return what to do: {@link NoReply}, {@link Stop}, or {@link Reply#error} to refuse
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    Outcome<Void, ?> handle(T payload, Context<S, A> context) throws Exception;
}
