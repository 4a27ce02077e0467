package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Accepts or refuses joins, by the payload of the request.
 *
 * <p><b>Threads:</b> virtual threads, one handler at a time for each joined channel. <b>Blocking:</b> allowed, see {@link Channel}.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <P> the type of the payload
 */
@FunctionalInterface
public interface TypedJoinHandler<S, A, P> {
    /**
     * Handles a join request with a valid payload; see {@link JoinHandler#join}.
     *
     * @param params the payload of the request
     * @param join the request
     * @return joined with assigns, or refused
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions refuse the
     *     client with their reason; any other is logged, and the client gets the reason {@code join crashed}
     */
    JoinOutcome<A> join(P params, Join<S> join) throws Exception;
}
