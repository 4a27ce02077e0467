package io.heliodor.gossip;

import io.heliodor.exchange.AntiEntropy;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * The replication of a set of entries between all nodes of a pub/sub. An entry is broadcast at once. A node may miss it, because a queue
 * was full or the node was unreachable. It gets the entry when it is reachable again, or else within seconds: each node compares its
 * replica with that of another one every 2 s. See {@code docs/design/across-publish.md}.
 *
 * <p>Any thread may use it; no method blocks.
 *
 * @param <E> the type of the entries
 */
public final class Gossip<E> implements AutoCloseable {
    private static final Duration COMPARE_INTERVAL = Duration.ofSeconds(2);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-gossip").factory();

    private final PubSub pubsub;
    private final Nodes nodes;
    private final Comparison<E> comparison;
    private final Topic<E> topic;
    private final Topic<Newcomer> newcomers;
    private final Subscription subscription;
    private final Subscription newcomerSubscription;
    private final AntiEntropy antiEntropy;

    /** The replicas of one node are equal, so any of them handles the requests to it. */
    private final Subscription handler;

    /**
     * Begins the replication.
     *
     * @param name the name, equal on all nodes: 1 to 200 bytes of UTF-8 without control characters
     * @param pubsub the pub/sub whose nodes have replicas
     * @param type the type of the entries
     * @param format the format of entries between nodes, with a byte or more for each
     * @param replica the replica of this node
     */
    public Gossip(String name, PubSub pubsub, Class<E> type, MessageFormat<E> format, GossipReplica<E> replica) {
        this.pubsub = pubsub;
        this.nodes = ClusterPubSub.nodesOf(pubsub);
        this.comparison = new Comparison<>(replica, format);
        this.topic = new Topic<>(name, Type.of(type), Optional.of(format));
        this.newcomers = Topic.of(name + "/newcomers", Newcomer.class);
        this.subscription = pubsub.subscribeInline(topic, replica::merge);
        this.newcomerSubscription = pubsub.subscribeInline(newcomers, _ -> repeat());
        pubsub.broadcastLocally(newcomers, Newcomer.NEWCOMER);
        this.handler = nodes.share(name, comparison::respond);
        this.antiEntropy = new AntiEntropy(
                name, nodes, AntiEntropy.Period.NEXT, COMPARE_INTERVAL, THREADS, _ -> comparison.begin());
        nodes.addCatchUp(antiEntropy.caughtUp());
        antiEntropy.open();
        // Entries before this moment may have been broadcast without this node.
        var _ = subscription.ready().thenRun(antiEntropy::begin);
    }

    /** Published by a new, empty replica to the other replicas of its node. */
    private enum Newcomer {
        NEWCOMER
    }

    /** Publishes all entries to a new replica of this node. */
    private void repeat() {
        comparison.replica().all().forEach(entry -> pubsub.broadcastLocally(topic, entry));
    }

    /**
     * Publishes an entry. It is merged on this node before the return, and on other nodes later.
     *
     * @param entry the entry
     */
    public void publish(E entry) {
        pubsub.broadcast(topic, entry);
    }

    /**
     * The other nodes with a replica, as far as this node knows.
     *
     * @return an immutable list, which contains a node for some seconds after its replica was closed
     */
    public List<NodeId> replicaNodes() {
        return nodes.interestedIn(topic);
    }

    @Override
    public void close() {
        antiEntropy.close();
        newcomerSubscription.close();
        subscription.close();
        handler.close();
    }
}
