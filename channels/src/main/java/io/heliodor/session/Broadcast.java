package io.heliodor.session;

import io.heliodor.wire.Payload;
import org.jspecify.annotations.Nullable;

/**
 * Something said to the members of a topic, on its way through the pub/sub.
 *
 * @param event the name of the event
 * @param payload its payload as JSON
 * @param value its payload as it was given; for intercepts on this node
 * @param except the member that does not get it
 */
record Broadcast(
        String event,
        Payload payload,
        @Nullable Object value,
        @Nullable ChannelProcess<?, ?> except) {}
