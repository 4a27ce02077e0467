package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Takes the messages of a PubSub to other nodes.
 *
 * <p>Its methods are called on the threads of those who subscribe and publish, also while a lock of the topic is held, so
 * they must not block for long, nor call the PubSub.
 */
public interface ClusterTransport {
    /**
     * A topic has its first subscription on this node: messages of other nodes are wanted from now on.
     *
     * @param address the topic
     * @return completes when every other node knows, or when nobody waits for that any more; it does not fail
     */
    CompletableFuture<Void> advertise(TopicAddress address);

    /**
     * A topic has lost its last subscription on this node. Calls for one place alternate with those of {@link #advertise}.
     *
     * @param address the topic
     */
    void withdraw(TopicAddress address);

    /**
     * Checks that messages of a topic can be carried. Called with each broadcast that spans nodes, before any subscriber of this
     * node gets the message, also while no other node wants the topic.
     *
     * @param topic the topic
     * @throws IllegalArgumentException when they cannot
     */
    void check(Topic<?> topic);

    /**
     * A message was published on this node and belongs to every other one that wants its topic. Those of one thread to one
     * topic must arrive in the order of these calls. It may wait while a node does not take messages.
     *
     * @param address where the topic is
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void forward(TopicAddress address, Topic<T> topic, T message);

    /**
     * A message was published on this node and belongs to one other node, if that wants its topic. Otherwise as {@link #forward}.
     *
     * @param node the other node
     * @param address where the topic is
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void forwardTo(NodeId node, TopicAddress address, Topic<T> topic, T message);

    /**
     * The nodes that it connects, with questions of a scope. Called once for each scope, when it is opened.
     *
     * @param scopes the names of the scopes, the outermost first; empty for the PubSub itself
     * @return the nodes
     */
    Nodes nodes(List<String> scopes);
}
