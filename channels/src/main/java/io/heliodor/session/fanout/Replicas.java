package io.heliodor.session.fanout;

import io.heliodor.history.LogLocation;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of other nodes, and of other endpoints of this node, that replicate those of this endpoint: where they are, and what is
 * exchanged with them. Any thread may use it. See {@code docs/design/across-history.md}.
 */
public final class Replicas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-history").factory();

    private final Fastlane fastlane;
    private final PubSub pubsub;
    private final PubSub copies;
    private final Nodes nodes;
    private final SecureRandom random = new SecureRandom();

    /** The number of this endpoint among those of its node. */
    private final int number;

    private final ReplicaRequests requests;
    private final CatchUp catchUp;
    private final AntiEntropy antiEntropy;
    private final CopyRequests copyRequests;
    private @Nullable Subscription view;

    /** The topics that wait for something. */
    private final Set<FastlaneTopic> waitingTopics = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean ticking = new AtomicBoolean();

    private volatile CompletableFuture<Void> nextTick = new CompletableFuture<>();

    Replicas(Fastlane fastlane, PubSub pubsub, PubSub copies, int number) {
        this.fastlane = fastlane;
        this.number = number;
        this.pubsub = pubsub;
        this.copies = copies;
        this.nodes = Nodes.of(pubsub);
        this.requests = new ReplicaRequests(fastlane, nodes, copies, number);
        this.catchUp = new CatchUp(requests, fastlane);
        this.antiEntropy = new AntiEntropy(requests, fastlane, nodes);
        this.copyRequests = new CopyRequests(requests, this, nodes);
    }

    /** Begins to respond to others. Not in the constructor: a request could come before its endpoint has this object. */
    void open() {
        requests.open();
        view = nodes.subscribe(new ViewListener());
    }

    public static void start(Runnable task) {
        THREADS.newThread(task).start();
    }

    // Other logs.

    /** The owner of the logs of this endpoint. */
    LogLocation owner() {
        return new LogLocation(nodes.self().toString(), number);
    }

    /** A stream for a log. */
    long stream() {
        return random.nextLong() >>> 16;
    }

    /** The other nodes that subscribe to a topic; this node if another endpoint of it does. */
    Set<String> others(Topic<?> topic, boolean subscribed) {
        return others(topic, subscribed, of -> of.interestedIn(topic));
    }

    /** Those of {@link #others} that list the topic by its name: the others may have a log of it or not. */
    Set<String> holders(Topic<?> topic, boolean subscribed) {
        return others(topic, subscribed, of -> of.listing(topic));
    }

    private Set<String> others(Topic<?> topic, boolean subscribed, Function<Nodes, List<NodeId>> find) {
        if (!mayHaveOthers(topic.name(), subscribed)) {
            return Set.of();
        }
        Set<String> others = Stream.of(nodes, Nodes.of(copies))
                .flatMap(of -> find.apply(of).stream())
                .map(NodeId::toString)
                .collect(Collectors.toSet());
        if (isShared(topic.name(), subscribed)) {
            others.add(nodes.self().toString());
        }
        return others;
    }

    /** Completes when {@link #others} are all that are in the view. */
    CompletableFuture<Void> interestKnown() {
        return nodes.interestKnown();
    }

    /** Whether there may be {@link #others}, without a look at the other nodes. */
    private boolean mayHaveOthers(String topic, boolean subscribed) {
        return pubsub.spansNodes() || isShared(topic, subscribed);
    }

    /** Whether another endpoint of this node subscribes to a topic. */
    private boolean isShared(String topic, boolean subscribed) {
        return pubsub.count(topic) > (subscribed ? 1 : 0);
    }

    /** Whether a broadcast goes nowhere but to the members of this endpoint. */
    boolean alone(Topic<?> topic) {
        return !mayHaveOthers(topic.name(), true);
    }

    Stream<NodeId> others() {
        return nodes.others().stream();
    }

    private int otherNodes() {
        return nodes.others().size();
    }

    /** All other nodes, in the order of rendezvous hashing. */
    Stream<NodeId> order(FastlaneTopic topic) {
        String name = topic.topic().name();
        return nodes.others().stream()
                .sorted(Comparator.comparingLong((NodeId node) -> weight(name, node))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static long weight(String topic, NodeId node) {
        long mixed = (31L * topic.hashCode() + node.hashCode()) * 0x9e3779b97f4a7c15L;
        return mixed ^ (mixed >>> 32);
    }

    // Exchange.

    CatchUp catchUp() {
        return catchUp;
    }

    AntiEntropy antiEntropy() {
        return antiEntropy;
    }

    /** Requests a copy of a log from another node. Returns at once; the topic gets the answer. */
    public void copy(FastlaneTopic topic) {
        copyRequests.start(topic);
    }

    /** Brings the logs to other nodes, and blocks until they have them, for a time at most. */
    public void handOver(Duration timeout) {
        if (otherNodes() == 0) {
            return;
        }
        try {
            int left = new HandOver(this, requests, fastlane, timeout).run();
            if (left > 0) {
                LOG.warn(
                        "The kept messages of {} topics are not complete on any other node: those kept only here are lost.",
                        left);
            }
        } catch (RuntimeException e) {
            // The endpoint stops all the same.
            LOG.error("The histories were not brought to other nodes: messages kept only here are lost.", e);
        }
    }

    // Time.

    /** Adds a topic that waits for something: it receives ticks from now on. */
    void addWaiting(FastlaneTopic topic) {
        waitingTopics.add(topic);
    }

    void tick() {
        if (!waitingTopics.isEmpty() && ticking.compareAndSet(false, true)) {
            start(() -> {
                try {
                    waitingTopics.forEach(this::tick);
                } finally {
                    ticking.set(false);
                }
            });
        }
    }

    /** Waits for the next tick of the node's clock, and hardly longer if that has ended. */
    void awaitTick() {
        nextTick.copy().completeOnTimeout(null, 200, TimeUnit.MILLISECONDS).join();
    }

    private void tick(FastlaneTopic topic) {
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
        requests.close();
    }

    private final class ViewListener implements Nodes.Listener {
        /** The time of the last tick. */
        private long now;

        @Override
        public void reachable(NodeId node) {
            antiEntropy.start(node.toString());
        }

        @Override
        public void left(NodeId node) {
            catchUp.left(node.toString());
            copyRequests.left();
            antiEntropy.left(node.toString());
        }

        @Override
        public void dropped(NodeId node) {
            antiEntropy.dropped(node.toString(), now);
        }

        @Override
        public void tick(long nanos) {
            now = nanos;
            CompletableFuture<Void> present = nextTick;
            nextTick = new CompletableFuture<>();
            boolean _ = present.complete(null);
            Replicas.this.tick();
            antiEntropy.tick(nanos);
        }
    }
}
