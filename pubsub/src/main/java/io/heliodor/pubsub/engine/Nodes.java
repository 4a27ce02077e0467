package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The nodes that a {@link PubSub} spans, and requests to one of them. A PubSub of one JVM has one node, itself.
 *
 * <p>What keeps a state of its own on each node, as presence does, compares it with other nodes by these. Names of questions
 * belong to the scope, as those of topics do.
 *
 * <p>All methods may be called from any thread.
 */
public interface Nodes {
    /**
     * The nodes of a pub/sub.
     *
     * @param pubsub one that Heliodor made, or a scope of one
     * @return its nodes
     * @throws IllegalArgumentException if Heliodor did not make it
     */
    static Nodes of(PubSub pubsub) {
        return ClusterPubSub.of(pubsub).nodes();
    }

    /**
     * This node.
     *
     * @return its id; the same as long as the pub/sub lives
     */
    NodeId self();

    /**
     * The nodes of the view, as this node sees it now.
     *
     * @return an immutable set; this node is in it
     */
    Set<NodeId> members();

    /**
     * The other nodes of the view.
     *
     * @return the members without this node
     */
    default List<NodeId> others() {
        return members().stream().filter(node -> !node.equals(self())).toList();
    }

    /**
     * The other nodes that want the messages of a topic of this scope, as far as this node knows. A node is in it when the
     * subscription there is {@linkplain Subscription#ready ready}, and for some seconds after its last one has ended. A node with
     * more topics than it may list wants all.
     *
     * @param topic the topic
     * @return an immutable list, in no order; empty on a PubSub of one JVM
     */
    List<NodeId> wanting(Topic<?> topic);

    /**
     * Watches the other nodes, first those that are there already.
     *
     * @param watcher what to call
     * @return ends the watch when it is closed
     */
    Subscription watch(Watcher watcher);

    /**
     * Hears of the other nodes of the view. One call at a time, on a thread of this node; it does not block. On a PubSub of one
     * JVM it is never called.
     */
    interface Watcher {
        /**
         * A node came into the view.
         *
         * @param node the node
         */
        void joined(NodeId node);

        /**
         * A node of the view can be reached, for the first time or again: messages between the two may have been lost before.
         *
         * @param node the node
         */
        void reachable(NodeId node);

        /**
         * A node has left the view: it ended, or it is on the other side of a split and may come back.
         *
         * @param node the node
         */
        void left(NodeId node);

        /**
         * Time passes. Called about every 100 ms.
         *
         * @param nanos the time by the clock of the node, monotonic
         */
        void tick(long nanos);
    }

    /**
     * Answers questions under a name from now on.
     *
     * @param name under which name: 1 to 255 bytes of UTF-8 without control characters
     * @param answering makes the answers
     * @return ends it when it is closed, and may be followed by another one
     * @throws IllegalArgumentException when the name is not one
     * @throws IllegalStateException if questions under this name are answered already
     */
    Answers answer(String name, Answering answering);

    /** The answers of one answering, until it is closed. */
    interface Answers extends Subscription {
        /**
         * Which answering of this name on this node it is.
         *
         * @return 0 for the first one since the node started, 1 for the next one, and so on
         */
        int generation();
    }

    /** Makes answers. Called on a virtual thread for each question; it may block. */
    @FunctionalInterface
    interface Answering {
        /**
         * Makes an answer.
         *
         * @param question what another node asks
         * @return the answer, at most 4 MB
         * @throws Exception when there is none; it is logged at the level debug, and who asked gets none
         */
        byte[] answer(byte[] question) throws Exception;

        /**
         * Whether another answering may take the name: this one goes on until then.
         *
         * @return false by default
         */
        default boolean ended() {
            return false;
        }
    }

    /**
     * Asks a node. Blocks until the answer comes; for virtual threads.
     *
     * @param node the node; may be this one
     * @param name under which name
     * @param question what is asked, at most 4 MB
     * @param within how long to wait
     * @return the answer; empty if there is none: the node is not in the view or left meanwhile, it answers nothing under this
     *     name, it failed, the time is up, or the caller was interrupted, and is still then
     */
    Optional<byte[]> ask(NodeId node, String name, byte[] question, Duration within);

    /**
     * Announces that a part of this node, such as a presence, has begun to catch up with the other nodes. A server opens its port
     * when all parts have: a client finds there what it would find on any other node.
     *
     * @param done completes when the part has caught up, or is closed
     */
    void catchingUp(CompletableFuture<Void> done);

    /**
     * Waits until all parts that have begun to catch up have done so. Blocks.
     *
     * @param within how long at most
     * @return false if the time was over, or the caller was interrupted, and is still then
     */
    boolean awaitCaughtUp(Duration within);

    /**
     * The state of the cluster as this node sees it. Asks all other nodes for a sign of life, and blocks until they gave it.
     *
     * @param within how long to wait
     * @return the state
     */
    Health health(Duration within);

    /**
     * The state of a cluster as one node sees it.
     *
     * @param status in one word
     * @param members the names of the nodes in the view, sorted
     * @param unreachable those that gave no sign of life, and those that died lately; sorted
     */
    record Health(Status status, List<String> members, List<String> unreachable) {
        /** The state of a cluster in one word. */
        public enum Status {
            /** All nodes can be reached. */
            HEALTHY,
            /** Some cannot. */
            DEGRADED,
            /** No other node can be reached. */
            ISOLATED
        }

        /** Takes copies. */
        public Health {
            members = List.copyOf(members);
            unreachable = List.copyOf(unreachable);
        }
    }

    /**
     * The format in which values of a type go to other nodes.
     *
     * @param type the type
     * @param <T> the type
     * @return its format
     * @throws IllegalArgumentException when they cannot
     */
    <T> MessageFormat<T> format(Type<T> type);
}
