package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The nodes that a {@linkplain io.heliodor.pubsub.PubSub pub/sub} spans, and requests to one of them. A PubSub of one JVM
 * has one node, itself.
 *
 * <p>Parts that replicate their own state, such as presence, use it to compare that state between nodes. Names of requests
 * belong to the scope, as names of topics do.
 *
 * <p>All methods may be called from any thread.
 */
public interface Nodes {
    /**
     * This node.
     *
     * @return its id; the same for the whole life of the pub/sub
     */
    NodeId self();

    /**
     * The nodes of the view, as this node sees it now.
     *
     * @return an immutable set that contains this node
     */
    Set<NodeId> members();

    /**
     * The monotonic time by which this node measures short pauses.
     *
     * @return nanoseconds since an arbitrary moment; only differences have a meaning
     */
    default long nanoTime() {
        return System.nanoTime();
    }

    /**
     * The other nodes of the view.
     *
     * @return the members without this node
     */
    default List<NodeId> others() {
        return members().stream().filter(node -> !node.equals(self())).toList();
    }

    /**
     * The other nodes with subscriptions to a topic of this scope, as far as this node knows. It contains a node as soon as the
     * subscription there is {@linkplain Subscription#ready ready}, and for some seconds after its last one has ended. A node
     * with more topics than it may list counts as interested in all topics that share a hash of 16 bits with one of the others.
     *
     * @param topic the topic
     * @return an immutable list in no particular order; empty on a PubSub of one JVM
     */
    List<NodeId> interestedIn(Topic<?> topic);

    /**
     * The other nodes that list a topic of this scope by its name: those of {@link #interestedIn} without nodes that only may have
     * subscriptions to it, because they have more topics than they may list.
     *
     * @param topic the topic
     * @return an immutable list in no particular order; empty on a PubSub of one JVM
     */
    List<NodeId> listing(Topic<?> topic);

    /**
     * Whether {@link #interestedIn} has all topics of all members of the view. After a node joined the view, its topics arrive a
     * moment later.
     *
     * @return complete if it has, or completes then, at the latest after a second; on the node's loop, which must not be blocked
     */
    CompletableFuture<Void> interestKnown();

    /**
     * Subscribes a listener to changes of the view. It is notified of the present members first.
     *
     * @param listener the listener
     * @return its subscription
     */
    Subscription subscribe(Listener listener);

    /**
     * Receives changes among the other nodes of the view. It is called on a thread of this node, one call at a time, and does not
     * block. On a PubSub of one JVM it is never called. All methods do nothing by default.
     */
    interface Listener {
        /**
         * A node joined the view.
         *
         * @param node the node
         */
        default void joined(NodeId node) {}

        /**
         * A node of the view is reachable, for the first time or again: earlier messages between the two may be lost.
         *
         * @param node the node
         */
        default void reachable(NodeId node) {}

        /**
         * Published messages to or from a reachable node were dropped, because a queue was full. Called at most once in 100 ms for a
         * node.
         *
         * @param node the node
         */
        default void dropped(NodeId node) {}

        /**
         * A node left the view: it ended, or it is on the other side of a split and may come back.
         *
         * @param node the node
         */
        default void left(NodeId node) {}

        /**
         * A clock tick, about every 100 ms.
         *
         * @param nanos the monotonic time of the node
         */
        default void tick(long nanos) {}
    }

    /**
     * Registers the handler of the requests with a name.
     *
     * @param name the name of the requests: 1 to 255 bytes of UTF-8 without control characters
     * @param handler handles them
     * @return its registration; after its close another handler may take the name
     * @throws IllegalArgumentException if the name breaks the rule
     * @throws IllegalStateException if the name has a handler that is not replaceable
     */
    default HandlerRegistration handle(String name, RequestHandler handler) {
        return handleIfFree(name, handler)
                .orElseThrow(
                        () -> new IllegalStateException("There is a handler of requests to \"" + name + "\" already."));
    }

    /**
     * Registers a handler as {@link #handle} does, unless the name has one.
     *
     * @param name the name of the requests
     * @param handler handles them
     * @return its registration; empty if the name has a handler that is not replaceable
     * @throws IllegalArgumentException if the name breaks the rule
     */
    Optional<HandlerRegistration> handleIfFree(String name, RequestHandler handler);

    /**
     * Registers one of several equal handlers. The first one handles the requests with the name, and when it is closed the next one
     * does.
     *
     * @param name the name of the requests
     * @param handler handles them
     * @return its registration
     * @throws IllegalArgumentException if the name breaks the rule
     */
    Subscription share(String name, RequestHandler handler);

    /** The registration of a request handler. */
    interface HandlerRegistration extends Subscription {
        /**
         * The number of handlers that had the name on this node before.
         *
         * @return 0 for the first one since the node started, 1 for the next one, and so on
         */
        int generation();
    }

    /** Handles requests. It is called on a virtual thread of its own for each request, and may block. */
    @FunctionalInterface
    interface RequestHandler {
        /**
         * Handles a request.
         *
         * @param request its bytes
         * @return the response, at most 4 MB
         * @throws Exception if there is no response; it is logged at the level debug, and the caller gets an empty result
         */
        byte[] handle(byte[] request) throws Exception;

        /**
         * Whether another handler may take the name. This one stays registered until then.
         *
         * @return false by default
         */
        default boolean isReplaceable() {
            return false;
        }
    }

    /**
     * Sends a request to a node, and blocks until the response arrives. For virtual threads.
     *
     * @param node the node; may be this one
     * @param name the name of the request
     * @param request its bytes, at most 4 MB
     * @param timeout how long to wait at most
     * @return the response; empty if the node is not in the view or leaves it, has no handler of this name, its handler fails, the
     *     time is up, or the caller is interrupted. The interrupt status stays set
     */
    default Optional<byte[]> request(NodeId node, String name, byte[] request, Duration timeout) {
        return sendRequest(node, name, request, timeout) instanceof RequestOutcome.Response(byte[] content)
                ? Optional.of(content)
                : Optional.empty();
    }

    /**
     * Sends a request as {@link #request} does.
     *
     * @param node the node; may be this one
     * @param name the name of the request
     * @param request its bytes, at most 4 MB
     * @param timeout how long to wait at most
     * @return the response, or whether the node has no handler of this name
     */
    RequestOutcome sendRequest(NodeId node, String name, byte[] request, Duration timeout);

    /** How a request to a node ended. */
    sealed interface RequestOutcome {
        /**
         * The node responded.
         *
         * @param content the response
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Response(byte[] content) implements RequestOutcome {}

        /** The node has no handler of the name. */
        record NoHandler() implements RequestOutcome {}

        /** There is no response, for another reason. */
        record NoResponse() implements RequestOutcome {}
    }

    /**
     * Registers a part of this node, such as a presence, that catches up with the other nodes. A server opens its port after all
     * parts have caught up: its clients find there what they would find on any other node.
     *
     * @param done completes when the part has caught up, or is closed
     */
    void addCatchUp(CompletableFuture<Void> done);

    /**
     * Blocks until all registered parts have caught up.
     *
     * @param timeout how long to wait at most
     * @return false if the time is up, or the caller is interrupted. The interrupt status stays set
     */
    boolean awaitCaughtUp(Duration timeout);

    /**
     * The state of the cluster as this node sees it. Sends a ping to all other nodes, and blocks until they responded.
     *
     * @param timeout how long to wait at most
     * @return the state
     */
    Health health(Duration timeout);

    /**
     * The state of a cluster as one node sees it.
     *
     * @param status the summary
     * @param members the names of the nodes in the view, sorted
     * @param unreachable the nodes that did not respond, and those that died lately; sorted
     * @param reasons what else a person should look at, in any characters
     */
    record Health(Status status, List<String> members, List<String> unreachable, List<String> reasons) {
        /** The summary of the state of a cluster. */
        public enum Status {
            /** All nodes are reachable. */
            HEALTHY,
            /** Some nodes are unreachable, or there are reasons to look. */
            DEGRADED,
            /** No other node is reachable. */
            ISOLATED
        }

        /** Copies the lists. */
        public Health {
            members = List.copyOf(members);
            unreachable = List.copyOf(unreachable);
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * The format in which values of a type are sent to other nodes.
     *
     * @param type the type
     * @param <T> the type
     * @return its format
     * @throws IllegalArgumentException if values of the type cannot be sent
     */
    <T> MessageFormat<T> format(Type<T> type);
}
