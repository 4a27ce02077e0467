package io.heliodor.presence;

import io.heliodor.batch.SerialQueue;
import io.heliodor.event.json.JsonWeight;
import io.heliodor.exchange.AntiEntropy;
import io.heliodor.exchange.ReplicaComparison;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replication of a presence between nodes: it publishes the changes of this node, merges those of others, and requests changes
 * that are missing. See {@code docs/design/across-presence.md}.
 */
final class Replication<M> implements Nodes.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");
    private static final Duration BATCH = Duration.ofMillis(5);
    private static final Duration COMPARE_INTERVAL = Duration.ofSeconds(5);
    private static final long SHOW_TIMEOUT = Duration.ofSeconds(1).toNanos();
    private static final long FORGET_AFTER = Duration.ofMinutes(10).toNanos();

    /** The number of versions that each of the successive presences of one name on one node may use. */
    private static final long VERSIONS = 1L << 40;

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence-replication").factory();

    /** The changes of one node in one shard. */
    record Change<M>(int shard, Delta<M> delta) {}

    private final String name;
    private final PubSub pubsub;
    private final Nodes nodes;
    private final List<Shard<M>> shards;
    private final ReplicaId self;
    private final ReplicationFormat<M> format;
    private final Topic<Change<M>> topic;
    private final Events events = new Events();
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private final AntiEntropy antiEntropy;
    private final Subscription subscription;
    private final Subscription viewSubscription;

    /** The shards with unpublished changes, a bit for each. */
    private final AtomicLong unpublished = new AtomicLong();

    private final AtomicBoolean publishing = new AtomicBoolean();
    private volatile boolean closed;

    // On the thread of the events. A time of 0 is replaced at the next tick.

    /** Members whose presences are not shown yet, and when they are shown without a response. */
    private final Map<NodeId, Long> arriving = new HashMap<>();

    /** Nodes that left the view, and when their presences are forgotten. */
    private final Map<NodeId, Long> hidden = new HashMap<>();

    Replication(
            String name,
            PubSub pubsub,
            List<Shard<M>> shards,
            ReplicaId self,
            MessageFormat<M> metaFormat,
            JsonWeight weight) {
        this.name = name;
        this.pubsub = pubsub;
        this.nodes = ClusterPubSub.nodesOf(pubsub);
        this.shards = shards;
        this.self = self;
        this.format = new ReplicationFormat<>(
                metaFormat, weight, new BoundedLog(LOG, "metadata that cannot be read", System::nanoTime));
        this.topic = new Topic<>("deltas " + name, new Type<Change<M>>() {}, Optional.of(format));
        long firstVersion = handleRequests().generation() * VERSIONS;
        shards.forEach(shard -> shard.begin(firstVersion, this::changed));
        this.antiEntropy =
                new AntiEntropy(name, nodes, AntiEntropy.Period.ALL, COMPARE_INTERVAL, THREADS, this::compare);
        this.subscription = pubsub.subscribeInline(topic, this::received);
        this.viewSubscription = nodes.subscribe(this);
        nodes.addCatchUp(caughtUp);
        // After the own listener: a node has joined before a comparison shows it.
        antiEntropy.open();
        // Changes before this moment may have been published without this node.
        var _ = subscription.ready().thenRun(antiEntropy::begin);
        // After what the first comparisons show.
        var _ = antiEntropy.caughtUp().thenRun(() -> events.add(() -> caughtUp.complete(null)));
    }

    private Nodes.HandlerRegistration handleRequests() {
        Nodes.RequestHandler handler = new Nodes.RequestHandler() {
            @Override
            public byte[] handle(byte[] request) {
                return ShardCatchUp.respond(request, shards, format);
            }

            @Override
            public boolean isReplaceable() {
                return closed;
            }
        };
        return nodes.handleIfFree(name, handler)
                .orElseThrow(() -> new IllegalStateException("This node has a presence named \"" + name
                        + "\" already. Share that one, or give this one a name of its own:"
                        + " Presence.builder(pubsub, type).name(\"...\").build()."));
    }

    /**
     * Checks that a meta can be sent to other nodes.
     *
     * @throws RuntimeException if it cannot
     */
    void check(M meta) {
        byte[] _ = format.metas().write(meta);
    }

    // Changes of this node.

    /** In a step of the shard. */
    private void changed(Shard<M> shard) {
        unpublished.getAndUpdate(bits -> bits | 1L << shard.number());
        if (!publishing.get() && publishing.compareAndSet(false, true)) {
            THREADS.newThread(this::publish).start();
        }
    }

    /** Publishes changes at once, then every few milliseconds: one delta for the changes of that time. */
    private void publish() {
        do {
            try {
                for (long bits = unpublished.getAndSet(0); bits != 0; bits = unpublished.getAndSet(0)) {
                    for (Shard<M> shard : shards) {
                        if (shard.isIn(bits)) {
                            shard.takeUnpublished().ifPresent(delta -> send(shard, delta));
                        }
                    }
                    LockSupport.parkNanos(BATCH.toNanos());
                }
            } finally {
                publishing.set(false);
            }
            // A change before the flag was cleared has started no thread.
        } while (unpublished.get() != 0 && publishing.compareAndSet(false, true));
    }

    private void send(Shard<M> shard, Delta<M> delta) {
        try {
            pubsub.broadcast(topic, new Change<>(shard.number(), delta));
        } catch (RuntimeException | Error e) {
            // The others notice the gap with the next change, or with their next periodic request.
            LOG.debug("A change of the presences of {} was not published.", name, e);
        }
    }

    // Changes of others.

    private void received(Change<M> change) {
        ReplicaId replica = change.delta().replica();
        if (!replica.equals(self) && !shards.get(change.shard()).merge(change.delta())) {
            antiEntropy.compare(node(replica));
        }
    }

    private static NodeId node(ReplicaId replica) {
        return new NodeId(replica.node(), replica.incarnation());
    }

    private static ReplicaId replica(NodeId node) {
        return new ReplicaId(node.name(), node.incarnation());
    }

    @Override
    public void joined(NodeId node) {
        events.add(() -> {
            hidden.remove(node);
            List<NodeId> former = hidden.keySet().stream()
                    .filter(other -> other.name().equals(node.name()))
                    .toList();
            former.forEach(this::forget);
            arriving.put(node, 0L);
        });
    }

    @Override
    public void left(NodeId node) {
        events.add(() -> {
            arriving.remove(node);
            hidden.put(node, 0L);
            shards.forEach(shard -> shard.change(state -> state.hide(replica(node))));
        });
    }

    @Override
    public void tick(long now) {
        // Ticks come again.
        if (events.isIdle()) {
            events.add(() -> ticked(now));
        }
    }

    private void ticked(long now) {
        due(hidden, now, FORGET_AFTER).forEach(this::forget);
        due(arriving, now, SHOW_TIMEOUT).forEach(this::show);
    }

    private static List<NodeId> due(Map<NodeId, Long> times, long now, long after) {
        times.replaceAll((node, at) -> at == 0 ? now + after : at);
        return times.entrySet().stream()
                .filter(each -> now - each.getValue() >= 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void show(NodeId node) {
        arriving.remove(node);
        shards.forEach(shard -> shard.change(state -> state.show(replica(node))));
    }

    private void forget(NodeId node) {
        hidden.remove(node);
        shards.forEach(shard -> shard.change(state -> state.forget(replica(node))));
    }

    // Changes that are missing.

    private ReplicaComparison compare(NodeId node) {
        return new ShardCatchUp<>(shards, format, () -> requested(node), () -> responded(node));
    }

    private void responded(NodeId node) {
        events.add(() -> {
            if (arriving.containsKey(node)) {
                show(node);
            }
        });
    }

    /** The replicas requested from a node: its own, and those of members that did not respond themselves. */
    private List<ReplicaId> requested(NodeId node) {
        return nodes.members().stream()
                .filter(member -> member.equals(node) || antiEntropy.isSilent(member))
                .filter(member -> !member.equals(nodes.self()))
                .map(Replication::replica)
                .toList();
    }

    /**
     * Removes the presences of this node on the other nodes, and merges no more changes. Requests are handled until another presence
     * takes the name.
     */
    @Override
    public void close() {
        closed = true;
        antiEntropy.close();
        caughtUp.complete(null);
        viewSubscription.close();
        subscription.close();
        shards.forEach(shard -> shard.change(State::removeAll));
    }

    /** Runs events one after the other, on a virtual thread. */
    private final class Events extends SerialQueue<Runnable> {
        @Override
        protected void start(Runnable task) {
            THREADS.newThread(task).start();
        }

        @Override
        protected void receive(Runnable event) {
            event.run();
        }

        @Override
        protected void failed(Runnable event, Throwable failure) {
            failures.error("A replication event of presence " + name, failure, () -> "could not be handled.");
        }
    }
}
