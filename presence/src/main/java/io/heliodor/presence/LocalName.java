package io.heliodor.presence;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The name of a presence within one pub/sub on one node. It has no state of its own: each presence subscribes to a topic of its name, and
 * answers a probe that is published there on this node.
 */
final class LocalName {
    private LocalName() {}

    /** Receives the answers. */
    private interface Probe extends Consumer<String> {}

    /**
     * Takes a name until the subscription is closed.
     *
     * @param scope the scope of a pub/sub on one node. Over several nodes {@link Replication} takes the name, and a subscription
     *     would be announced to them
     * @throws IllegalStateException if another presence has it
     */
    static Subscription take(PubSub scope, String name) {
        Topic<Probe> topic = Topic.of("names", Probe.class);
        AtomicBoolean taken = new AtomicBoolean();
        scope.broadcastLocally(topic, other -> {
            if (other.equals(name)) {
                taken.set(true);
            }
        });
        if (taken.get()) {
            throw new IllegalStateException(
                    "This pub/sub has a presence named \"" + name + "\" on this node already, and clients would get"
                            + " the state of one of them. Share that one, or give this one a name of its own:"
                            + " Presence.builder(pubsub, type).name(\"...\").build().");
        }
        return scope.subscribeInline(topic, probe -> probe.accept(name));
    }
}
