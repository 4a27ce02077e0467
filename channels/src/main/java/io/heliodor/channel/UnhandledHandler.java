package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Raw;

/**
 * Handles the events and calls of clients that have no handler of their own.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface UnhandledHandler<S, A> {
    /**
     * Called for each such event in turn. Binary payloads do not come here: they are answered with {@code unhandled_event}.
     *
     * @param event its name, as the client sent it
     * @param payload its payload
     * @param context the joined channel
     * @return the outcome: {@link NoReply}, {@link Reply} or {@link Stop}
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions are refusals;
     *     after any other the channel ends as {@link LeaveReason.Failed}
     */
    Outcome<?, ?> handle(String event, Raw payload, Context<S, A> context) throws Exception;
}
