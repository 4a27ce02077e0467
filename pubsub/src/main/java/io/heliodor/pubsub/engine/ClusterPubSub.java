package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.Optional;
import java.util.function.Function;

/** A PubSub as the modules of Heliodor use it: with its nodes, and with messages that come from them. */
public interface ClusterPubSub extends PubSub {
    /** How many messages may wait for one subscriber by default. */
    int MAILBOX = 10_000;

    /**
     * A PubSub within this JVM.
     *
     * @param mailbox how many messages may wait for one subscriber, 1 or more
     * @return an open PubSub
     */
    static ClusterPubSub local(int mailbox) {
        return LocalPubSub.open(mailbox);
    }

    /**
     * A PubSub that spans the nodes which a transport connects, with mailboxes of {@link #MAILBOX}.
     *
     * @param transport takes messages to other nodes; those that it receives go to {@link #deliverRemote}
     * @return an open PubSub
     */
    static ClusterPubSub over(ClusterTransport transport) {
        return LocalPubSub.over(transport, MAILBOX);
    }

    /**
     * The same object with the methods for modules of Heliodor.
     *
     * @param pubsub one that Heliodor made
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
     * The nodes that this spans.
     *
     * @return the nodes; one if this is of one JVM
     */
    Nodes nodes();

    /**
     * Delivers a message of another node to the subscriptions of this one.
     *
     * @param address its topic
     * @param read makes the message of the type or by the format of the topic that is subscribed to; empty if it cannot. It is
     *     not called when there are no subscriptions
     * @return how many subscriptions it went to
     */
    int deliverRemote(TopicAddress address, Function<Topic<?>, Optional<?>> read);
}
