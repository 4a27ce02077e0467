package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.Optional;
import java.util.function.Function;

/** A PubSub with the operations for modules of Heliodor: its nodes, and the delivery of their messages. */
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
     * @param transport sends messages to other nodes, and passes received ones to {@link #deliverRemote}
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
     * The nodes of this pub/sub.
     *
     * @return the nodes; a single one for a PubSub of one JVM
     */
    Nodes nodes();

    /**
     * Delivers a message of another node to the subscriptions on this node.
     *
     * @param address the address of its topic
     * @param read decodes the message by the type and format of the subscribed topic; empty if that fails. It is not called if there
     *     are no subscriptions
     * @return the number of subscriptions that it was delivered to
     */
    int deliverRemote(TopicAddress address, Function<Topic<?>, Optional<?>> read);
}
