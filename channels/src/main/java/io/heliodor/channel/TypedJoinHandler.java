package io.heliodor.channel;

import io.heliodor.event.InvalidPayload;

/**
 * Decides who may join, with what the client sent.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <P> the type of what the client sent
 */
@FunctionalInterface
public interface TypedJoinHandler<S, A, P> {
    /**
     * Called for each request to join that fits the type; see {@link JoinHandler#join}.
     *
     * @param params what the client sent
     * @param join the request
     * @return joined with assigns, or refused
     * @throws Exception {@link InvalidPayload} and {@linkplain Channel.Builder#onException declared} exceptions refuse the
     *     client with their reason; any other is logged, and the client gets the reason {@code join crashed}
     */
    JoinOutcome<A> join(P params, Join<S> join) throws Exception;
}
