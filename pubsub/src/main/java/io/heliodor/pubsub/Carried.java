package io.heliodor.pubsub;

import java.util.Optional;
import java.util.function.Function;

/** A PubSub whose messages a {@link Carrier} takes to other nodes, and brings from there. */
public interface Carried extends PubSub {
    /**
     * Brings a message from another node to the subscriptions of this one.
     *
     * @param place its topic
     * @param read makes the message of the type or by the format of the topic that is subscribed to; empty if it cannot. It is
     *     not called when there are no subscriptions
     * @return how many subscriptions it went to
     */
    int arrive(Place place, Function<Topic<?>, Optional<?>> read);
}
