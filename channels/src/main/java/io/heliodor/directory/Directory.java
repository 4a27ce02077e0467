package io.heliodor.directory;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The parts of one kind in this JVM that serve one pub/sub. Any thread may use it.
 *
 * <p>It has no state of its own: each part subscribes to a topic of the pub/sub, and passes itself to each visitor that is published there
 * on this node. So the parts need not know each other, and none outlives the pub/sub.
 *
 * @param <T> the kind: a type that is named after what the parts do, without type parameters
 */
public final class Directory<T> {
    private static final String SCOPE = "heliodor.directory";

    /** Receives the parts. */
    private interface Visitor extends Consumer<Object> {}

    private final Class<T> kind;
    private final Topic<Visitor> topic;
    private final PubSub scope;

    /**
     * The parts of a kind.
     *
     * @param pubsub that they serve
     * @param kind their type
     */
    public Directory(PubSub pubsub, Class<T> kind) {
        this.kind = kind;
        this.scope = pubsub.scope(SCOPE);
        this.topic = Topic.of(kind.getSimpleName(), Visitor.class);
    }

    /**
     * Adds a part.
     *
     * @param part the part
     * @return removes it when closed
     */
    public Subscription add(T part) {
        return scope.subscribeInline(topic, visitor -> visitor.accept(part));
    }

    /**
     * The parts that serve the pub/sub now.
     *
     * @return in the order in which they were added; none if the pub/sub is closed
     */
    public List<T> all() {
        List<T> found = new ArrayList<>();
        try {
            scope.broadcastLocally(topic, part -> found.add(kind.cast(part)));
        } catch (IllegalStateException e) {
            return List.of(); // the pub/sub is closed, and its parts with it
        }
        return found;
    }
}
