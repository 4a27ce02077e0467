package io.heliodor.presence;

import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the presences of several nodes equal: publishes what this one does, takes what others publish, and asks for what is
 * missing. See {@code docs/design/across-presence.md}.
 */
final class Replication<M> implements Nodes.Listener, AutoCloseable {
    /** A node that lacks more changes than this asks for pages. */
    static final int MAX_DELTA_CHANGES = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");
    private static final Duration BATCH = Duration.ofMillis(5);
    private static final Duration ASK = Duration.ofSeconds(2);
    private static final long COMPARE = Duration.ofSeconds(5).toNanos();
    private static final long SHOW = Duration.ofSeconds(1).toNanos();
    private static final long FORGET = Duration.ofMinutes(10).toNanos();

    /** So many versions each presence of one name may have on one node, one after the other. */
    private static final long VERSIONS = 1L << 40;

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-presence-replication").factory();

    /** The changes of a node in a shard. */
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
    private final Subscription watching;

    /** Shards with changes that were not published, a bit for each. */
    private final AtomicLong unpublished = new AtomicLong();

    private final AtomicBoolean publishing = new AtomicBoolean();
    private volatile boolean closed;

    // On the thread of the events. A time of 0 stands for one that begins when time passes next.

    /** Members that are not shown yet, and until when their answers are waited for. */
    private final Map<NodeId, Long> arriving = new HashMap<>();

    /** Nodes that left the view, and when they are forgotten. */
    private final Map<NodeId, Long> hidden = new HashMap<>();

    /** Members that are being asked; true if they are to be asked again then. */
    private final Map<NodeId, Boolean> asking = new HashMap<>();

    /** Members that gave no answer, and when they are asked again. Read by any thread. */
    private final Map<NodeId, Long> askAgain = new ConcurrentHashMap<>();

    /** The members of when this began, until they were asked. */
    private final Set<NodeId> first = new HashSet<>();

    private boolean begun;

    private long compareAt;

    /** Replicas of which a delta was missed, until they are asked. Any thread. */
    private final Set<ReplicaId> gaps = ConcurrentHashMap.newKeySet();

    Replication(String name, PubSub pubsub, List<Shard<M>> shards, ReplicaId self, MessageFormat<M> metas) {
        this.name = name;
        this.pubsub = pubsub;
        this.nodes = Nodes.of(pubsub);
        this.shards = shards;
        this.self = self;
        this.format = new ReplicationFormat<>(metas);
        this.topic = new Topic<>("deltas " + name, new Type<Change<M>>() {}, Optional.of(format));
        Nodes.HandlerRegistration answering = answering();
        if (answering.generation() > 0) {
            shards.forEach(shard -> shard.begin(answering.generation() * VERSIONS));
        }
        this.subscription = pubsub.subscribeInline(topic, this::received);
        this.watching = nodes.subscribe(this);
        nodes.addCatchUp(caughtUp);
        // From then on changes are published to this node. Those of before may have passed by.
        var _ = subscription.ready().thenRun(() -> events.execute(this::begin));
    }

    private Nodes.HandlerRegistration answering() {
        try {
            return nodes.handle(name, new Nodes.RequestHandler() {
                @Override
                public byte[] handle(byte[] request) {
                    return new CatchUp<>(shards, format).answer(request);
                }

                @Override
                public boolean isReplaceable() {
                    return closed;
                }
            });
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "This node has a presence named \"" + name
                            + "\" already. Share that one, or give this one a name of its own:"
                            + " Presence.builder(pubsub, type).name(\"...\").build().",
                    e);
        }
    }

    /**
     * Checks that metadata can go to other nodes.
     *
     * @throws RuntimeException if they cannot
     */
    void check(M meta) {
        byte[] _ = format.meta(meta);
    }

    // Changes of this node.

    /** In a step of the shard. */
    void changed(Shard<M> shard) {
        unpublished.getAndUpdate(bits -> bits | 1L << shard.number());
        if (!publishing.get() && publishing.compareAndSet(false, true)) {
            THREADS.newThread(this::publish).start();
        }
    }

    /** At once, then every few milliseconds: changes that come together are published together. */
    private void publish() {
        do {
            try {
                for (long bits = unpublished.getAndSet(0); bits != 0; bits = unpublished.getAndSet(0)) {
                    for (Shard<M> shard : shards) {
                        if (shard.isIn(bits)) {
                            shard.unpublished().ifPresent(delta -> send(shard, delta));
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
            // The others see a gap with the next change, or when they compare.
            LOG.debug("A change of the presences of {} was not published.", name, e);
        }
    }

    // Changes of others.

    private void received(Change<M> change) {
        ReplicaId replica = change.delta().replica();
        if (!replica.equals(self) && !shards.get(change.shard()).merge(change.delta()) && gaps.add(replica)) {
            events.execute(() -> {
                gaps.remove(replica);
                ask(node(replica));
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
        events.execute(() -> {
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
        events.execute(() -> ask(node));
    }

    @Override
    public void left(NodeId node) {
        events.execute(() -> {
            arriving.remove(node);
            askAgain.remove(node);
            hidden.put(node, 0L);
            shards.forEach(shard -> shard.hide(replica(node)));
        });
    }

    @Override
    public void tick(long now) {
        events.executeIfIdle(() -> {
            due(hidden, now, FORGET).forEach(this::forget);
            due(arriving, now, SHOW).forEach(this::show);
            due(askAgain, now, COMPARE).forEach(node -> {
                askAgain.remove(node);
                ask(node);
            });
            if (compareAt == 0) {
                compareAt = now + COMPARE;
            } else if (now - compareAt >= 0) {
                compareAt = now + COMPARE;
                askAll();
            }
        });
    }

    private static List<NodeId> due(Map<NodeId, Long> times, long now, long after) {
        List<NodeId> due = new ArrayList<>();
        times.replaceAll((node, at) -> at == 0 ? now + after : at);
        times.forEach((node, at) -> {
            if (now - at >= 0) {
                due.add(node);
            }
        });
        return due;
    }

    private void begin() {
        first.addAll(nodes.others());
        askAll();
        begun = true;
        checkCaughtUp();
    }

    /** Whether a node answered or not: when all were asked once this one has caught up as far as it can. */
    private void checkCaughtUp() {
        first.retainAll(asking.keySet());
        if (begun && first.isEmpty()) {
            caughtUp.complete(null);
        }
    }

    private void askAll() {
        nodes.others().forEach(this::ask);
    }

    private void show(NodeId node) {
        arriving.remove(node);
        shards.forEach(shard -> shard.show(replica(node)));
    }

    private void forget(NodeId node) {
        hidden.remove(node);
        shards.forEach(shard -> shard.forget(replica(node)));
    }

    // Changes that are missing.

    private void ask(NodeId node) {
        if (closed || !nodes.members().contains(node)) {
            return;
        }
        if (asking.put(node, asking.containsKey(node)) == null) {
            THREADS.newThread(() -> {
                        boolean answered = false;
                        try {
                            answered = catchUp(node);
                        } finally {
                            boolean complete = answered;
                            events.execute(() -> asked(node, complete));
                        }
                    })
                    .start();
        }
    }

    private boolean catchUp(NodeId node) {
        CatchUp<M> catchUp = new CatchUp<>(shards, format);
        boolean more = true;
        while (more && !closed) {
            Optional<byte[]> answer = nodes.request(node, name, catchUp.question(wanted(node)), ASK);
            if (answer.isEmpty()) {
                return false;
            }
            more = catchUp.take(answer.get());
        }
        return true;
    }

    /** Each node is asked for its own changes, and for those of members that gave no answer themselves. */
    private List<ReplicaId> wanted(NodeId node) {
        return nodes.members().stream()
                .filter(member -> member.equals(node) || askAgain.containsKey(member))
                .filter(member -> !member.equals(nodes.self()))
                .map(Replication::replica)
                .toList();
    }

    private void asked(NodeId node, boolean answered) {
        boolean again = Boolean.TRUE.equals(asking.remove(node));
        if (answered && arriving.containsKey(node)) {
            show(node);
        }
        if (again) {
            ask(node);
        }
        checkCaughtUp();
        if (!again && !answered && nodes.members().contains(node)) {
            askAgain.put(node, 0L);
        }
    }

    /** Removes on the other nodes what this one has, and takes nothing any more. It answers until the name is taken again. */
    @Override
    public void close() {
        closed = true;
        caughtUp.complete(null);
        watching.close();
        subscription.close();
        shards.forEach(Shard::withdraw);
    }

    /** Runs what happens one after the other, on a virtual thread that exists while there is something. */
    private static final class Events {
        private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        private final AtomicInteger size = new AtomicInteger();

        void execute(Runnable event) {
            waiting.add(event);
            if (size.getAndIncrement() == 0) {
                THREADS.newThread(this::run).start();
            }
        }

        /** Time that passes waits for nothing: it comes again. */
        void executeIfIdle(Runnable event) {
            if (size.get() == 0) {
                execute(event);
            }
        }

        private void run() {
            do {
                try {
                    Runnable next = waiting.poll();
                    if (next != null) {
                        next.run();
                    }
                } catch (RuntimeException | Error e) {
                    LOG.error("What happened among the nodes of a presence was not taken in.", e);
                }
            } while (size.decrementAndGet() != 0);
        }
    }
}
