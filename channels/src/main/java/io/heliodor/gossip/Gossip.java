package io.heliodor.gossip;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the copies of all nodes of a pub/sub equal. An entry is broadcast at once. A node that missed one, because a
 * queue was full or it was cut off, gets it when the other can be reached again, and else within seconds: each node compares its
 * copy with that of a random one every 2 s. See {@code docs/design/across-publish.md}.
 *
 * <p>Any thread may use it; no method blocks.
 *
 * @param <E> the type of the entries
 */
public final class Gossip<E> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.gossip");
    private static final long COMPARE = Duration.ofSeconds(2).toNanos();
    private static final Duration ASK = Duration.ofSeconds(2);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-gossip").factory();

    private final String name;
    private final PubSub pubsub;
    private final Comparison<E> comparison;
    private final Topic<E> topic;
    private final Topic<Newcomer> newcomers;
    private final Subscription subscription;
    private final Subscription welcoming;
    private final Subscription watching;

    /** The nodes that are being asked. */
    private final Set<NodeId> asked = ConcurrentHashMap.newKeySet();

    /** Guarded by this. */
    private Nodes.@Nullable HandlerRegistration answers;

    private volatile boolean closed;

    /**
     * Begins.
     *
     * @param name the same on all nodes: 1 to 200 bytes of UTF-8 without control characters
     * @param pubsub whose nodes have copies
     * @param type the type of the entries
     * @param format how entries go to other nodes; with a byte or more
     * @param copy that of this node
     */
    public Gossip(String name, PubSub pubsub, Class<E> type, MessageFormat<E> format, Replica<E> copy) {
        this.name = name;
        this.pubsub = pubsub;
        this.comparison = new Comparison<>(copy, format);
        this.topic = new Topic<>(name, Type.of(type), Optional.of(format));
        this.newcomers = Topic.of(name + "/newcomers", Newcomer.class);
        this.subscription = pubsub.subscribeInline(topic, copy::merge);
        this.welcoming = pubsub.subscribeInline(newcomers, _ -> repeat());
        pubsub.broadcastLocally(newcomers, Newcomer.NEWCOMER);
        answer();
        this.watching = Nodes.of(pubsub).subscribe(new Watcher());
        CompletableFuture<Void> caughtUp = new CompletableFuture<>();
        Nodes.of(pubsub).addCatchUp(caughtUp);
        // From then on entries are broadcast to this node. Those of before may have passed by.
        var _ = subscription
                .ready()
                .thenRun(() -> THREADS.newThread(() -> catchUp(caughtUp)).start());
    }

    /** A copy on this node that has nothing yet. */
    private enum Newcomer {
        NEWCOMER
    }

    private void repeat() {
        comparison.copy().after("").forEach(entry -> pubsub.broadcastLocally(topic, entry));
    }

    /**
     * Merges an entry here before it returns, and soon everywhere.
     *
     * @param entry the entry
     */
    public void tell(E entry) {
        pubsub.broadcast(topic, entry);
    }

    /**
     * The other nodes that have a copy, as far as this node knows.
     *
     * @return an immutable list; for some seconds also a node whose copy was closed
     */
    public List<NodeId> copies() {
        return Nodes.of(pubsub).interestedIn(topic);
    }

    /** Several copies of one node are equal. One of them answers, and the next one when that is closed. */
    private synchronized void answer() {
        if (answers == null && !closed) {
            try {
                answers = Nodes.of(pubsub).handle(name, comparison::answer);
            } catch (IllegalStateException e) {
                LOG.trace("Another copy of this node answers.", e);
            }
        }
    }

    private void catchUp(CompletableFuture<Void> done) {
        try {
            Nodes.of(pubsub).others().forEach(this::take);
        } finally {
            done.complete(null);
        }
    }

    private void compare(NodeId node) {
        if (!closed && asked.add(node)) {
            THREADS.newThread(() -> {
                        try {
                            take(node);
                        } finally {
                            asked.remove(node);
                        }
                    })
                    .start();
        }
    }

    private void take(NodeId node) {
        if (ask(node, comparison.question()).filter(Comparison::differs).isEmpty()) {
            return;
        }
        long[] parts = comparison.parts();
        Optional<String> after = Optional.of("");
        while (after.isPresent() && !closed) {
            after = ask(node, comparison.question(parts, after.get())).flatMap(comparison::merge);
        }
    }

    private Optional<byte[]> ask(NodeId node, byte[] question) {
        return Nodes.of(pubsub).request(node, name, question, ASK);
    }

    @Override
    public synchronized void close() {
        closed = true;
        watching.close();
        welcoming.close();
        subscription.close();
        if (answers != null) {
            answers.close();
        }
    }

    private final class Watcher implements Nodes.Listener {
        private long compareAt;

        @Override
        public void joined(NodeId node) {}

        @Override
        public void reachable(NodeId node) {
            compare(node);
        }

        @Override
        public void left(NodeId node) {}

        @Override
        public void tick(long nanos) {
            if (nanos - compareAt >= 0) {
                compareAt = nanos + COMPARE;
                answer();
                List<NodeId> others = Nodes.of(pubsub).others();
                if (!others.isEmpty()) {
                    compare(others.get(ThreadLocalRandom.current().nextInt(others.size())));
                }
            }
        }
    }
}
