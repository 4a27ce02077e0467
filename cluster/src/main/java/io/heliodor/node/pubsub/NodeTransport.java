package io.heliodor.node.pubsub;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.protocol.ReplicatedMaps;
import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.ClusterTransport;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.TopicAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport of the pub/sub between nodes. It advertises the topics of this node ({@link LocalInterest}), and sends
 * published messages to the nodes with subscriptions ({@link RemoteInterest}).
 */
public final class NodeTransport implements ClusterTransport {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    /** How long a subscription waits for acknowledgements. */
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(1);

    /** How long a publisher on a virtual thread waits for full queues. */
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

    private final NodeLoop loop;
    private final Time time;
    private final ReplicatedMaps maps;
    private final PendingRequests<Boolean> acks;
    private final Supplier<Link> link;
    private final Codecs codecs;
    private final EnumCounters<NodeCounter> counters;
    private final Function<List<String>, Nodes> nodes;
    private final BoundedLog losses;
    private final BoundedLog undelivered;
    private final FailureLog failures;
    private final Map<Peer, DeliveryQueue> deliveries = new ConcurrentHashMap<>();
    private final AtomicLong deliveryWakes = new AtomicLong();
    private final RemoteInterest remote = new RemoteInterest();

    /** The peers to or from which messages were dropped since the last {@link #takeDropped}. */
    private final Set<Peer> dropped = ConcurrentHashMap.newKeySet();

    private final ClusterPubSub pubsub;
    private final PublishDelivery delivery;

    /** On the loop. */
    private final LocalInterest local;

    public NodeTransport(
            NodeLoop loop,
            Time time,
            ReplicatedMaps maps,
            PendingRequests<Boolean> acks,
            Supplier<Link> link,
            Codecs codecs,
            EnumCounters<NodeCounter> counters,
            Function<List<String>, Nodes> nodes,
            int maxTopics) {
        this.loop = loop;
        this.time = time;
        this.maps = maps;
        this.acks = acks;
        this.link = link;
        this.codecs = codecs;
        this.counters = counters;
        this.nodes = nodes;
        this.local = new LocalInterest(maps, maxTopics, counters);
        this.losses = new BoundedLog(LOG, "lost messages", time::nanos);
        this.undelivered = new BoundedLog(LOG, "undelivered messages", time::nanos);
        this.failures = new FailureLog(LOG, time::nanos);
        this.pubsub = ClusterPubSub.over(this);
        this.delivery = new PublishDelivery(pubsub, codecs, counters);
    }

    public ClusterPubSub pubsub() {
        return pubsub;
    }

    public RemoteInterest remoteInterest() {
        return remote;
    }

    @Override
    public CompletableFuture<Void> advertise(TopicAddress address) {
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        boolean runs = loop.execute(() -> {
            long version = local.add(RemoteInterest.key(address));
            maps.awaitAcks(LocalInterest.MAP, version, acks.add(known), time.nanos() + ACK_TIMEOUT.toNanos());
        });
        if (!runs) {
            known.complete(true);
        }
        return known.thenAccept(all -> {
            if (!all) {
                counters.increment(NodeCounter.INTEREST_LATE);
            }
        });
    }

    @Override
    public void withdraw(TopicAddress address) {
        loop.execute(() -> local.remove(RemoteInterest.key(address), time.nanos()));
    }

    /** Time passed. On the loop. */
    public void tick(long now) {
        local.tick(now);
    }

    @Override
    public void check(Topic<?> topic) {
        if (topic.format().isEmpty()) {
            Codec<?> _ = codecs.any(topic.type().type());
        }
    }

    @Override
    public <T> void forward(TopicAddress address, Topic<T> topic, T message) {
        forward(remote.of(address), address, topic, message);
    }

    @Override
    public <T> void forwardTo(NodeId node, TopicAddress address, Topic<T> topic, T message) {
        List<Peer> peers = remote.of(address).stream()
                .filter(peer -> node.equals(PubSubNodes.id(peer)))
                .toList();
        forward(peers, address, topic, message);
    }

    private <T> void forward(List<Peer> peers, TopicAddress address, Topic<T> topic, T message) {
        if (peers.isEmpty()) {
            return;
        }
        byte[] value = topic.format().isPresent()
                ? topic.format().get().write(message)
                : codecs.of(topic.type()).encode(message);
        byte[] envelope = new Envelope(new Publish(address, value), Correlation.carried()).toBytes();
        // A platform thread may be an event loop, which must not block.
        long wait = Thread.currentThread().isVirtual() ? SEND_TIMEOUT.toNanos() : 0;
        link.get().sendAll(peers, index -> envelope, wait, (index, why) -> lost(peers.get(index), why));
    }

    private void lost(Peer peer, Link.Sent why) {
        counters.increment(NodeCounter.PUBLISH_LOST);
        dropped.add(peer);
        losses.warn(
                "A published message for {} was dropped: {}. Statistic PUBLISH_LOST counts them.",
                peer.node(),
                why == Link.Sent.FULL ? "its queue is full, the node does not read fast enough" : "no session is open");
    }

    @Override
    public Nodes nodes(List<String> scopes) {
        return nodes.apply(scopes);
    }

    /** Queues a message of a peer for the subscribers of this node. On the thread of the link. */
    public void received(Peer from, Publish publish, String correlation) {
        DeliveryQueue queue = deliveries.computeIfAbsent(
                from, peer -> new DeliveryQueue("pubsub of " + peer.node(), delivery, time, deliveryWakes, failures));
        if (!queue.put(publish, correlation)) {
            counters.increment(NodeCounter.PUBLISH_UNDELIVERED);
            dropped.add(from);
            undelivered.warn(
                    "A message that {} published was dropped: an inline subscriber of this node blocks."
                            + " Statistic PUBLISH_UNDELIVERED counts them.",
                    from.node());
        }
    }

    /** Whether all messages of peers were delivered to the subscribers. */
    public boolean hasDelivered() {
        return deliveries.values().stream().allMatch(DeliveryQueue::isIdle);
    }

    /** How often an idle queue has begun to deliver. */
    public long deliveryWakes() {
        return deliveryWakes.get();
    }

    /** The number of peers whose messages are delivered, or were. */
    int queues() {
        return deliveries.size();
    }

    /** Returns the peers to or from which messages were dropped since the last call. One thread at a time. */
    public List<Peer> takeDropped() {
        if (dropped.isEmpty()) {
            return List.of();
        }
        List<Peer> taken = List.copyOf(dropped);
        taken.forEach(dropped::remove);
        return taken;
    }

    /**
     * A view was installed. Queued messages of former members are still delivered, by the same queue if such a peer returns meanwhile: two
     * queues would deliver its messages in any order. On the thread of the link.
     */
    public void view(View view) {
        deliveries
                .entrySet()
                .removeIf(each -> !view.members().contains(each.getKey())
                        && each.getValue().isIdle());
    }
}
