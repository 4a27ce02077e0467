package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Accepts or refuses joins.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
@FunctionalInterface
public interface JoinHandler<S, A> {
    /**
     * Handles a join request. Joins of different topics do not wait for each other. If the client joins again or disconnects meanwhile, the
     * thread may be interrupted and the outcome is dropped; after {@link Join#ok}, the leave hooks run.
     *
     * @param join the request
     * @return joined with assigns, or refused
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions refuse the
     *     client with their reason; any other is logged, and the client gets the reason {@code join crashed}
     */
    JoinOutcome<A> join(Join<S> join) throws Exception;
}
