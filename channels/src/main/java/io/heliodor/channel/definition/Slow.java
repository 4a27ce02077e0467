package io.heliodor.channel.definition;

import io.heliodor.channel.SlowPolicy;
import io.heliodor.event.Event;

/**
 * The policy of one event for slow clients.
 *
 * @param event the event
 * @param policy how the event is treated
 * @param <T> the type of the payload
 */
public record Slow<T>(Event<T> event, SlowPolicy<T> policy) {}
