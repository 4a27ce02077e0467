package io.heliodor.pubsub;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What carries messages between the nodes of a PubSub that spans several: {@link PubSub#over(Carrier)}. Most programs take
 * the PubSub of their node and never see one.
 *
 * <p>Its methods are called on the threads of those who subscribe and publish, also while a lock of the topic is held, so
 * they must not block for long, nor call the PubSub.
 */
public interface Carrier {
    /**
     * A topic has its first subscription on this node: messages of other nodes are wanted from now on.
     *
     * @param place the topic
     * @return completes when every other node knows, or when nobody waits for that any more; it does not fail
     */
    CompletableFuture<Void> wanted(Place place);

    /**
     * A topic has lost its last subscription on this node. Calls for one place alternate with those of {@link #wanted}.
     *
     * @param place the topic
     */
    void unwanted(Place place);

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
     * @param place where the topic is
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void carry(Place place, Topic<T> topic, T message);

    /**
     * A message was published on this node and belongs to one other node, if that wants its topic. Otherwise as {@link #carry}.
     *
     * @param node the other node
     * @param place where the topic is
     * @param topic its type, and its format if it has one
     * @param message the message
     * @param <T> the type of the message
     */
    <T> void carryTo(NodeId node, Place place, Topic<T> topic, T message);

    /**
     * The nodes that it connects, with questions of a scope. Called once for each scope, when it is opened.
     *
     * @param scopes the names of the scopes, the outermost first; empty for the PubSub itself
     * @return the nodes
     */
    Nodes nodes(List<String> scopes);
}
