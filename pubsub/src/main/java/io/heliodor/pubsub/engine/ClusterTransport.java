package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Sends the messages of a PubSub to other nodes.
 *
 * <p>Its methods are called on the threads that subscribe and publish, in part while the lock of a topic is held. So they must not
 * block for long, nor call the PubSub.
 */
public interface ClusterTransport {
    /**
     * Advertises a topic to the other nodes after its first subscription on this node.
     *
     * @param address the address of the topic
     * @return completes when all other nodes send messages of the topic to this one, or when no subscription waits for that any more;
     *     it does not fail
     */
    CompletableFuture<Void> advertise(TopicAddress address);

    /**
     * Withdraws a topic after the end of its last subscription on this node. Calls for one address alternate with those of
     * {@link #advertise}.
     *
     * @param address the address of the topic
     */
    void withdraw(TopicAddress address);

    /**
     * Checks that messages of a topic can be sent. It is called for each broadcast that spans nodes, before any subscriber of this
     * node gets the message, even if no other node has subscriptions.
     *
     * @param topic the topic
     * @throws IllegalArgumentException if they cannot be sent
     */
    void check(Topic<?> topic);

    /**
     * Forwards a message to all other nodes with subscriptions to its topic. Messages of one thread to one topic must arrive in the
     * order of these calls. It may wait while the queue to a node is full.
     *
     * @param address the address of the topic
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void forward(TopicAddress address, Topic<T> topic, T message);

    /**
     * Forwards a message to one other node, if that has subscriptions to its topic. Otherwise as {@link #forward}.
     *
     * @param node the other node
     * @param address the address of the topic
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void forwardTo(NodeId node, TopicAddress address, Topic<T> topic, T message);

    /**
     * The nodes of the transport, with the request names of a scope. It is called once for each scope, when that is opened.
     *
     * @param scopes the names of the scopes, the outermost first; empty for the PubSub itself
     * @return the nodes
     */
    Nodes nodes(List<String> scopes);
}
