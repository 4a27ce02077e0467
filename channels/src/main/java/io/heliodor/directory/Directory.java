package io.heliodor.directory;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A registry of the objects of one type in this JVM that serve one pub/sub. Any thread may use it.
 *
 * <p>It has no state of its own: each object subscribes to a topic of the pub/sub, and passes itself to each visitor published there on
 * this node. So the objects have no references to each other, and none outlives the pub/sub.
 *
 * @param <T> the type of the objects, without type parameters
 */
public final class Directory<T> {
    private static final String SCOPE = "heliodor.directory";

    /** Receives the objects. */
    private interface Visitor extends Consumer<Object> {}

    private final Class<T> type;
    private final Topic<Visitor> topic;
    private final PubSub scope;

    /**
     * The registry of a type.
     *
     * @param pubsub the pub/sub that the objects serve
     * @param type their type
     */
    public Directory(PubSub pubsub, Class<T> type) {
        this.type = type;
        this.scope = pubsub.scope(SCOPE);
        this.topic = Topic.of(type.getSimpleName(), Visitor.class);
    }

    /**
     * Adds an object.
     *
     * @param entry the object
     * @return removes it when closed
     */
    public Subscription add(T entry) {
        return scope.subscribeInline(topic, visitor -> visitor.accept(entry));
    }

    /**
     * The objects that serve the pub/sub now.
     *
     * @return objects in the order of their addition; none if the pub/sub is closed
     */
    public List<T> all() {
        List<T> found = new ArrayList<>();
        try {
            scope.broadcastLocally(topic, entry -> found.add(type.cast(entry)));
        } catch (IllegalStateException e) {
            return List.of(); // the pub/sub is closed, and its objects with it
        }
        return found;
    }
}
