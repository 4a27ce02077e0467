package io.heliodor.channel.definition;

import io.heliodor.channel.CallHandler;
import io.heliodor.channel.DeferredCallHandler;
import io.heliodor.channel.EventHandler;
import io.heliodor.event.Call;
import io.heliodor.event.Event;

/**
 * The handler of one name on the wire.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
public sealed interface Handler<S, A> {
    /**
     * The handler of an event.
     *
     * @param event the event
     * @param handler its handler
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     * @param <T> the type of the payload
     */
    record ForEvent<S, A, T>(Event<T> event, EventHandler<S, A, ? super T> handler) implements Handler<S, A> {}

    /**
     * The handler of a call.
     *
     * @param call the call
     * @param handler its handler
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @param <E> the type of an error's payload
     */
    record ForCall<S, A, Q, R, E>(Call<Q, R, E> call, CallHandler<S, A, ? super Q, R, E> handler)
            implements Handler<S, A> {}

    /**
     * The handler of a call with a deferred reply.
     *
     * @param call the call
     * @param handler its handler
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @param <E> the type of an error's payload
     */
    record ForDeferred<S, A, Q, R, E>(Call<Q, R, E> call, DeferredCallHandler<S, A, ? super Q, R, E> handler)
            implements Handler<S, A> {}
}
