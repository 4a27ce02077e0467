package io.heliodor.session.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Pushes to the connections of an id on all nodes, and the counts of those connections. A push is delivered on this node by the
 * caller, and published to the other nodes. See {@code docs/design/channels.md}.
 *
 * <p>Any thread may use it. A push blocks as a broadcast does; counts are awaited without a thread.
 */
public final class IdPushes implements AutoCloseable {
    /** The maximum number of counts that are awaited, and of those that wait to be sent to one endpoint. */
    public static final int MAX_COUNTS = 10_000;

    private static final long TIMEOUT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Topic<IdPush> TOPIC =
            new Topic<>("pushes", Type.of(IdPush.class), Optional.of(IdPushFormat.FORMAT));

    /** Delivers a push on this node. */
    @FunctionalInterface
    public interface Delivery {
        /**
         * Sends an event to the connections of an id on all endpoints of this node.
         *
         * @return the number of these connections
         */
        int push(String id, String event, Payload payload);
    }

    private final PubSub scope;
    private final Nodes nodes;
    private final int endpoint;
    private final int maxCounts;
    private final Runnable cut;
    private final Delivery delivery;
    private final CountReplies replies;
    private final Subscription pushes;
    private final Subscription counts;
    private final Subscription ticks;

    /** The pushes whose counts are not complete, the oldest first. */
    @GuardedBy("this")
    private final Map<Long, Awaited> awaited = new LinkedHashMap<>();

    /** A push whose counts are not complete. Guarded by the lock of the pushes. */
    private static final class Awaited {
        final CompletableFuture<Integer> result = new CompletableFuture<>();

        /** The names of the nodes that have not answered. */
        final Set<String> missing;

        int connections;

        /** Set by the first tick. */
        Optional<Long> deadline = Optional.empty();

        Awaited(Set<String> nodes, int connections) {
            this.missing = nodes;
            this.connections = connections;
        }

        /** Completes the result; what depends on it may block. */
        void complete() {
            int all = connections;
            CompletableFuture<Integer> _ = result.completeAsync(
                    () -> all, task -> Thread.ofVirtual().name("heliodor-push").start(task));
        }
    }

    /**
     * Delivers the pushes of other nodes from now on.
     *
     * @param scope the scope of these pushes
     * @param endpoint the number of this endpoint among those of its node
     * @param maxCounts {@link #MAX_COUNTS}; a test sets fewer
     * @param cut called for each count that is given up because too many wait; does not block
     * @param delivery delivers on this node; called on virtual threads, and may block
     */
    public IdPushes(PubSub scope, int endpoint, int maxCounts, Runnable cut, Delivery delivery) {
        this.scope = scope;
        this.nodes = ClusterPubSub.nodesOf(scope);
        this.endpoint = endpoint;
        this.maxCounts = maxCounts;
        this.cut = cut;
        this.delivery = delivery;
        this.replies = new CountReplies(nodes, maxCounts, cut);
        this.counts = nodes.handle(CountReplies.REQUESTS + endpoint, CountReplies.handler(this::counted));
        this.pushes = scope.subscribeInline(TOPIC, this::received);
        // Clients connect when the other nodes know that pushes are to be sent here.
        nodes.addCatchUp(pushes.ready());
        this.ticks = nodes.subscribe(new Nodes.Listener() {
            @Override
            public void tick(long nanos) {
                expire(nanos);
            }
        });
    }

    /**
     * Sends an event to the connections of an id on all nodes.
     *
     * @param id the id
     * @param event the name of the event
     * @param payload its payload
     * @return the number of connections on this node, and on the nodes that answer within a second; it does not fail
     */
    public CompletionStage<Integer> push(String id, String event, Payload payload) {
        int here = delivery.push(id, event, payload);
        List<NodeId> others = nodes.interestedIn(TOPIC);
        if (others.isEmpty()) {
            return CompletableFuture.completedStage(here);
        }
        Awaited counting =
                new Awaited(others.stream().map(NodeId::name).collect(Collectors.toCollection(HashSet::new)), here);
        IdPush.Origin origin = new IdPush.Origin(
                nodes.self().name(), endpoint, ThreadLocalRandom.current().nextLong());
        await(origin.push(), counting);
        scope.broadcast(TOPIC, IdPush.delivered(origin, id, event, payload));
        return counting.result.minimalCompletionStage();
    }

    /** The oldest result is completed early if there are too many. */
    private synchronized void await(long push, Awaited counting) {
        if (awaited.size() >= maxCounts) {
            Iterator<Awaited> oldest = awaited.values().iterator();
            oldest.next().complete();
            oldest.remove();
            cut.run();
        }
        awaited.put(push, counting);
    }

    private void received(IdPush push) {
        if (push.take()) {
            replies.send(push.origin(), delivery.push(push.id(), push.event(), push.payload()));
        }
    }

    private synchronized void counted(String node, CountReplies.Count count) {
        Awaited counting = awaited.get(count.push());
        if (counting != null && counting.missing.remove(node)) {
            counting.connections += count.connections();
            if (counting.missing.isEmpty()) {
                awaited.remove(count.push());
                counting.complete();
            }
        }
    }

    /** Completes the results whose time is over. */
    private synchronized void expire(long now) {
        awaited.values().removeIf(counting -> {
            long deadline = counting.deadline.orElse(now + TIMEOUT_NANOS);
            counting.deadline = Optional.of(deadline);
            boolean over = now - deadline >= 0;
            if (over) {
                counting.complete();
            }
            return over;
        });
    }

    /** Ends the delivery of pushes, and completes all results. */
    @Override
    public void close() {
        ticks.close();
        pushes.close();
        counts.close();
        completeAll();
    }

    private synchronized void completeAll() {
        awaited.values().forEach(Awaited::complete);
        awaited.clear();
    }
}
