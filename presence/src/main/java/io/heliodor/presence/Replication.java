package io.heliodor.presence;

import io.heliodor.batch.SerialQueue;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
    private static final long REQUEST_INTERVAL = Duration.ofSeconds(5).toNanos();
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
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
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

    /** Members to which a request is under way; true if another one is to follow. */
    private final Map<NodeId, Boolean> requesting = new HashMap<>();

    /** Members that did not respond, and when the request is repeated. Read by any thread. */
    private final Map<NodeId, Long> retries = new ConcurrentHashMap<>();

    /** The initial members whose first request is not over. */
    private final Set<NodeId> initial = new HashSet<>();

    private boolean begun;

    private long requestAt;

    /** Replicas of which a delta was missed, until a request is sent to their node. Any thread. */
    private final Set<ReplicaId> gaps = ConcurrentHashMap.newKeySet();

    Replication(String name, PubSub pubsub, List<Shard<M>> shards, ReplicaId self, MessageFormat<M> metaFormat) {
        this.name = name;
        this.pubsub = pubsub;
        this.nodes = ClusterPubSub.nodesOf(pubsub);
        this.shards = shards;
        this.self = self;
        this.format = new ReplicationFormat<>(metaFormat);
        this.topic = new Topic<>("deltas " + name, new Type<Change<M>>() {}, Optional.of(format));
        long firstVersion = handleRequests().generation() * VERSIONS;
        shards.forEach(shard -> shard.begin(firstVersion, this::changed));
        this.subscription = pubsub.subscribeInline(topic, this::received);
        this.viewSubscription = nodes.subscribe(this);
        nodes.addCatchUp(caughtUp);
        // Changes before this moment may have been published without this node.
        var _ = subscription.ready().thenRun(() -> events.add(this::begin));
    }

    private Nodes.HandlerRegistration handleRequests() {
        Nodes.RequestHandler handler = new Nodes.RequestHandler() {
            @Override
            public byte[] handle(byte[] request) {
                return new ShardCatchUp<>(shards, format).respond(request);
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
        if (!replica.equals(self) && !shards.get(change.shard()).merge(change.delta()) && gaps.add(replica)) {
            events.add(() -> {
                gaps.remove(replica);
                request(node(replica));
            });
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
    public void reachable(NodeId node) {
        events.add(() -> request(node));
    }

    @Override
    public void left(NodeId node) {
        events.add(() -> {
            arriving.remove(node);
            retries.remove(node);
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
        due(retries, now, REQUEST_INTERVAL).forEach(node -> {
            retries.remove(node);
            request(node);
        });
        if (requestAt == 0) {
            requestAt = now + REQUEST_INTERVAL;
        } else if (now - requestAt >= 0) {
            requestAt = now + REQUEST_INTERVAL;
            requestAll();
        }
    }

    private static List<NodeId> due(Map<NodeId, Long> times, long now, long after) {
        times.replaceAll((node, at) -> at == 0 ? now + after : at);
        return times.entrySet().stream()
                .filter(each -> now - each.getValue() >= 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void begin() {
        initial.addAll(nodes.others());
        requestAll();
        begun = true;
        checkCaughtUp();
    }

    /** After one request to each initial member, with or without a response, this node has caught up as far as it can. */
    private void checkCaughtUp() {
        initial.retainAll(requesting.keySet());
        if (begun && initial.isEmpty()) {
            caughtUp.complete(null);
        }
    }

    private void requestAll() {
        nodes.others().forEach(this::request);
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

    private void request(NodeId node) {
        if (closed || !nodes.members().contains(node)) {
            return;
        }
        if (requesting.put(node, requesting.containsKey(node)) == null) {
            THREADS.newThread(() -> {
                        boolean responded = false;
                        try {
                            responded = catchUp(node);
                        } finally {
                            boolean complete = responded;
                            events.add(() -> completed(node, complete));
                        }
                    })
                    .start();
        }
    }

    private boolean catchUp(NodeId node) {
        ShardCatchUp<M> catchUp = new ShardCatchUp<>(shards, format);
        boolean more = true;
        while (more && !closed) {
            Optional<byte[]> response = nodes.request(node, name, catchUp.request(requested(node)), REQUEST_TIMEOUT);
            if (response.isEmpty()) {
                return false;
            }
            more = catchUp.apply(response.get());
        }
        return true;
    }

    /** The replicas requested from a node: its own, and those of members that did not respond themselves. */
    private List<ReplicaId> requested(NodeId node) {
        return nodes.members().stream()
                .filter(member -> member.equals(node) || retries.containsKey(member))
                .filter(member -> !member.equals(nodes.self()))
                .map(Replication::replica)
                .toList();
    }

    private void completed(NodeId node, boolean responded) {
        boolean again = Boolean.TRUE.equals(requesting.remove(node));
        if (responded && arriving.containsKey(node)) {
            show(node);
        }
        if (again) {
            request(node);
        }
        checkCaughtUp();
        if (!again && !responded && nodes.members().contains(node)) {
            retries.put(node, 0L);
        }
    }

    /**
     * Removes the presences of this node on the other nodes, and merges no more changes. Requests are handled until another presence
     * takes the name.
     */
    @Override
    public void close() {
        closed = true;
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
            LOG.error("A replication event of presence {} could not be handled.", name, failure);
        }
    }
}
