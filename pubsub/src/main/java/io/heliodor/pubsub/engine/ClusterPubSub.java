package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.Optional;
import java.util.function.Consumer;

/** A PubSub with the operations for modules of Heliodor: its nodes, and the subscriptions for their messages. */
public interface ClusterPubSub extends PubSub {
    /** The default maximum number of messages that wait for one subscriber. */
    int MAILBOX_CAPACITY = 10_000;

    /**
     * A PubSub within this JVM.
     *
     * @param mailbox the maximum number of messages that wait for one subscriber, 1 or more
     * @return an open PubSub
     */
    static ClusterPubSub local(int mailbox) {
        return LocalPubSub.open(mailbox);
    }

    /**
     * A PubSub that spans the nodes of a transport, with mailboxes of {@link #MAILBOX_CAPACITY} messages.
     *
     * @param transport sends messages to other nodes, and delivers received ones to {@link #subscribers}
     * @return an open PubSub
     */
    static ClusterPubSub over(ClusterTransport transport) {
        return LocalPubSub.over(transport, MAILBOX_CAPACITY);
    }

    /**
     * The same object with the operations for modules of Heliodor.
     *
     * @param pubsub a pub/sub made by Heliodor
     * @return the same object
     * @throws IllegalArgumentException if Heliodor did not make it
     */
    static ClusterPubSub of(PubSub pubsub) {
        if (pubsub instanceof ClusterPubSub same) {
            return same;
        }
        throw new IllegalArgumentException("The pub/sub is a "
                + pubsub.getClass().getName() + ", which Heliodor did not make; give PubSub.local() or node.pubsub().");
    }

    /**
     * The nodes of a pub/sub.
     *
     * @param pubsub a pub/sub made by Heliodor, or a scope of one
     * @return its nodes
     * @throws IllegalArgumentException if Heliodor did not make it
     */
    static Nodes nodesOf(PubSub pubsub) {
        return of(pubsub).nodes();
    }

    /**
     * The nodes of this pub/sub.
     *
     * @return the nodes; a single one for a PubSub of one JVM
     */
    Nodes nodes();

    /**
     * The subscriptions on this node, for a message of another node.
     *
     * @param address the address of the topic
     * @return the subscriptions; without a topic if there are none
     */
    Subscribers subscribers(TopicAddress address);

    /**
     * Ends this pub/sub with its scopes, for a reason other than {@link #close()}, which is called soon afterwards. Until then
     * messages are still delivered. Only the first end counts.
     *
     * @param how the reason
     */
    void end(PubSubEnd how);

    /**
     * The end of this pub/sub.
     *
     * @return how it ended; empty while it is open
     */
    Optional<PubSubEnd> ended();

    /**
     * Notifies a listener of the end of this pub/sub, once; at once if that has come.
     *
     * @param listener gets the reason on the thread that ends it; must not block nor throw
     * @return the subscription of the listener
     */
    Subscription onEnd(Consumer<? super PubSubEnd> listener);
}
