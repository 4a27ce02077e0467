package io.heliodor.channel.definition;

import io.heliodor.channel.InterceptHandler;
import io.heliodor.event.Event;

/**
 * The intercept of one event.
 *
 * @param event the event
 * @param handler its handler
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 * @param <T> the type of the payload
 */
public record Intercept<S, A, T>(Event<T> event, InterceptHandler<S, A, T> handler) {}
