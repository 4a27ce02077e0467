package io.heliodor.session.replication;

import io.heliodor.history.LogLocation;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.text.EscapedException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of other nodes, and of other endpoints of this node, that replicate those of this endpoint: where they are, and what is
 * exchanged with them. Any thread may use it. See {@code docs/design/across-history.md}.
 *
 * @param <T> the type of what is kept
 */
public final class Replicas<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private static final Map<Integer, ReplicaRequests.Responder> RESPONDERS = Map.of(
            ReplicaRequests.CATCH_UP, CatchUp::respond,
            ReplicaRequests.COMPARE, LogComparison::respond,
            ReplicaRequests.COPY, CopyRequests::respond,
            ReplicaRequests.HAND_OVER, HandOver::respond,
            ReplicaRequests.DROPPED, LogComparison::dropped);

    private static final long LONGEST_TICK = Duration.ofMillis(200).toNanos();

    private final KeptLogs<T> logs;
    private final LogHolders others;
    private final Nodes nodes;
    private final SecureRandom random = new SecureRandom();

    /** The number of this endpoint among those of its node. */
    private final int number;

    private final ReplicaRequests requests;
    private final CatchUp<T> catchUp;
    private final LogComparison comparison;
    private final CopyRequests copyRequests;
    private @Nullable Subscription view;

    /** The topics that wait for something. */
    private final Set<KeptLog<?>> waitingTopics = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean ticking = new AtomicBoolean();

    private volatile CompletableFuture<Void> nextTick = new CompletableFuture<>();

    public Replicas(KeptLogs<T> logs, PubSub pubsub, PubSub copies, int number) {
        this.logs = logs;
        this.number = number;
        this.others = new LogHolders(pubsub, copies);
        this.nodes = ClusterPubSub.nodesOf(pubsub);
        this.requests = new ReplicaRequests(logs, nodes, copies, number, RESPONDERS);
        this.catchUp = new CatchUp<>(requests, logs.format());
        this.comparison = new LogComparison(requests, logs, nodes);
        this.copyRequests = new CopyRequests(requests, others);
    }

    /** Begins to respond to others. Not in the constructor: a request could come before its endpoint has this object. */
    public void open() {
        requests.open();
        view = nodes.subscribe(new ViewListener());
        comparison.open();
    }

    // Other logs.

    /** The owner of the logs of this endpoint. */
    public LogLocation owner() {
        return new LogLocation(nodes.self().toString(), number);
    }

    /** A stream for a log. */
    public long stream() {
        return random.nextLong() >>> 16;
    }

    /** The nodes that have other logs, or may take one. */
    public LogHolders others() {
        return others;
    }

    // Exchange.

    /** Requests from a node what a log lacks. Returns at once; the topic gets the responses of the round. */
    public void catchUp(KeptLog<T> topic, String node, long round) {
        catchUp.start(topic, node, round);
    }

    /** Begins a comparison of all logs with a node, unless one is under way. */
    public void compare(String node) {
        requests.node(node).ifPresent(comparison::start);
    }

    /** Requests a copy of a log from another node. Returns at once; the topic gets the answer. */
    public void copy(KeptLog<?> topic) {
        copyRequests.start(topic);
    }

    /** Brings the logs to other nodes, and blocks until they have them, for a time at most. */
    public void handOver(Duration timeout) {
        if (nodes.others().isEmpty()) {
            return;
        }
        try {
            int left = new HandOver(others, requests, logs, this::awaitTick, timeout).run();
            if (left > 0) {
                LOG.warn(
                        "The kept messages of {} topics are not complete on any other node: those kept only here are lost.",
                        left);
            }
        } catch (RuntimeException e) {
            // The endpoint stops all the same.
            LOG.error(
                    "The histories were not brought to other nodes: messages kept only here are lost.",
                    EscapedException.of(e));
        }
    }

    // Time.

    /** Adds a topic that waits for something: it receives ticks from now on. */
    public void addWaiting(KeptLog<?> topic) {
        waitingTopics.add(topic);
    }

    public void tick() {
        if (!waitingTopics.isEmpty() && ticking.compareAndSet(false, true)) {
            HistoryThreads.start(() -> {
                try {
                    // A copy: topics that are added again would come again, without an end if two of them share a
                    // place.
                    List.copyOf(waitingTopics).forEach(this::tick);
                } finally {
                    ticking.set(false);
                }
            });
        }
    }

    /** Waits for the next tick of the node's clock, and hardly longer if that has ended. */
    private void awaitTick() {
        CompletableFuture<Void> tick = nextTick.copy();
        Thread waiting = Thread.currentThread();
        CompletableFuture<Void> _ = tick.thenRun(() -> LockSupport.unpark(waiting));
        long end = nodes.nanoTime() + LONGEST_TICK;
        for (long left = LONGEST_TICK; left > 0 && !tick.isDone(); left = end - nodes.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void tick(KeptLog<?> topic) {
        // Before the tick: it may be added again while that runs.
        waitingTopics.remove(topic);
        if (!topic.tick()) {
            waitingTopics.add(topic);
        }
    }

    @Override
    public void close() {
        if (view != null) {
            view.close();
        }
        comparison.close();
        requests.close();
    }

    private final class ViewListener implements Nodes.Listener {
        /** The time of the last tick. */
        private long now;

        @Override
        public void left(NodeId node) {
            catchUp.left(node.toString());
            copyRequests.left();
            comparison.left(node);
        }

        @Override
        public void dropped(NodeId node) {
            comparison.dropped(node, now);
        }

        @Override
        public void tick(long nanos) {
            now = nanos;
            CompletableFuture<Void> present = nextTick;
            nextTick = new CompletableFuture<>();
            boolean _ = present.complete(null);
            Replicas.this.tick();
            comparison.tick(nanos);
        }
    }
}
