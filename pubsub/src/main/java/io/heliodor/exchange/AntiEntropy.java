package io.heliodor.exchange;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.Nodes.RequestOutcome;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The comparisons of a replica with those of the other nodes: with a node as soon as it is reachable, when its owner wants one, and
 * periodically (Demers and others, "Epidemic algorithms for replicated database maintenance", 1987). With each node there is one
 * comparison at a time; one that is wanted meanwhile follows it. A node that did not respond is compared again with each period. See
 * {@code docs/design/anti-entropy.md}.
 *
 * <p>Any thread may use it; no method blocks. Comparisons run on threads of their own.
 */
public final class AntiEntropy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.exchange");
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(2);

    /** The nodes that a period compares with, in addition to those that did not respond. */
    public enum Period {
        /** All of the view. */
        ALL,
        /** One after the other. */
        NEXT
    }

    private final String name;
    private final Nodes nodes;
    private final Period period;
    private final long interval;
    private final ThreadFactory threads;
    private final Function<NodeId, ReplicaComparison> comparisons;
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();

    /** The nodes of which a comparison is under way; true if another one follows it. */
    @GuardedBy("this")
    private final Map<NodeId, Boolean> underWay = new HashMap<>();

    /** The members that did not respond last time, or of which the last comparison had no thread. */
    @GuardedBy("this")
    private final Set<NodeId> silent = new HashSet<>();

    /** The initial members of which the first comparison is not over. */
    @GuardedBy("this")
    private final Set<NodeId> awaited = new HashSet<>();

    @GuardedBy("this")
    private boolean begun;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private @Nullable Subscription view;

    /**
     * The comparisons of one replica. None begins before {@link #open}.
     *
     * @param name the name of the requests. A node has a replica if it has a {@linkplain Nodes#handle handler} of this name
     * @param nodes the nodes
     * @param period the nodes that a period compares with
     * @param interval the time from one period to the next, as the ticks of the node measure it
     * @param threads makes the virtual threads of the comparisons
     * @param comparisons makes a comparison with a node, on its thread
     */
    public AntiEntropy(
            String name,
            Nodes nodes,
            Period period,
            Duration interval,
            ThreadFactory threads,
            Function<NodeId, ReplicaComparison> comparisons) {
        this.name = name;
        this.nodes = nodes;
        this.period = period;
        this.interval = interval.toNanos();
        this.threads = threads;
        this.comparisons = comparisons;
    }

    /** Compares with each node that is reachable or becomes so, and periodically from now on. Called once. */
    public void open() {
        Subscription subscription = nodes.subscribe(new ViewListener());
        synchronized (this) {
            view = subscription;
        }
    }

    /**
     * Compares with all present members, because the replica gets all changes from now on, and may have missed earlier ones. Called once.
     * {@link #caughtUp} completes after these comparisons.
     */
    public void begin() {
        List<NodeId> initial = nodes.others();
        initial.forEach(this::compare);
        synchronized (this) {
            awaited.addAll(initial);
            begun = true;
        }
        checkCaughtUp();
    }

    /**
     * The end of the first comparisons.
     *
     * @return completes when the comparisons of {@link #begin} are over, with or without responses, or at {@link #close}; on a thread of
     *     a comparison, which may be blocked
     */
    public CompletableFuture<Void> caughtUp() {
        return caughtUp;
    }

    /**
     * Compares with a node. If such a comparison is under way, another one follows it. Does nothing for this node, for
     * one outside of the view, and after {@link #close}.
     *
     * @param node the other node
     */
    public void compare(NodeId node) {
        if (isOther(node) && isFirst(node)) {
            start(node);
        }
    }

    private void start(NodeId node) {
        try {
            threads.newThread(() -> run(node)).start();
        } catch (RuntimeException | Error e) {
            boolean wasSilent = isSilent(node);
            notStarted(node);
            checkCaughtUp();
            log(node, wasSilent, e);
        }
    }

    /** Without its thread the comparison is over, and so is one that was to follow it. */
    private synchronized void notStarted(NodeId node) {
        underWay.remove(node);
        if (isOther(node)) {
            silent.add(node);
        }
    }

    private boolean isOther(NodeId node) {
        return !node.equals(nodes.self()) && nodes.members().contains(node);
    }

    /** Whether no comparison with a node is under way; else another one follows it. */
    private synchronized boolean isFirst(NodeId node) {
        return !closed && underWay.put(node, underWay.containsKey(node)) == null;
    }

    private void run(NodeId node) {
        boolean again = true;
        while (again) {
            again = ended(node, compared(node));
        }
        checkCaughtUp();
    }

    private boolean compared(NodeId node) {
        try {
            return exchange(node);
        } catch (DecodeException | RuntimeException | Error e) {
            log(node, isSilent(node), e);
            return false;
        }
    }

    /** Warns of a failure once, until the node responds: a node of another version may fail with each period. */
    private void log(NodeId node, boolean wasSilent, Throwable cause) {
        try {
            LOG.atLevel(wasSilent ? Level.DEBUG : Level.WARN)
                    .setCause(EscapedException.of(cause))
                    .log("The comparison of {} with node {} failed. It is repeated.", name, node);
        } catch (RuntimeException | Error _) {
            // A line needs memory. Without it the comparison is repeated all the same.
        }
    }

    private boolean exchange(NodeId node) throws DecodeException {
        ReplicaComparison comparison = comparisons.apply(node);
        for (Optional<byte[]> request = comparison.next(); request.isPresent(); request = comparison.next()) {
            RequestOutcome outcome = isClosed()
                    ? new RequestOutcome.NoResponse()
                    : nodes.sendRequest(node, name, request.get(), RESPONSE_TIMEOUT);
            if (outcome instanceof RequestOutcome.NoResponse) {
                return false;
            }
            if (!(outcome instanceof RequestOutcome.Response(byte[] content))) {
                break; // It has no replica.
            }
            comparison.merge(content);
        }
        comparison.complete();
        return true;
    }

    /** Returns whether another comparison follows. */
    private synchronized boolean ended(NodeId node, boolean responded) {
        boolean isMember = !closed && isOther(node);
        if (responded || !isMember) {
            silent.remove(node);
        } else {
            silent.add(node);
        }
        if (isMember && Boolean.TRUE.equals(underWay.get(node))) {
            underWay.put(node, false);
            return true;
        }
        underWay.remove(node);
        return false;
    }

    private void checkCaughtUp() {
        boolean done;
        synchronized (this) {
            awaited.retainAll(underWay.keySet());
            done = begun && awaited.isEmpty();
        }
        if (done) {
            caughtUp.complete(null);
        }
    }

    /**
     * Whether the last comparison with a member failed or got no response, so that its changes may have to come from others.
     *
     * @param node the member
     * @return false for one that has not been compared, or is not in the view
     */
    public synchronized boolean isSilent(NodeId node) {
        return silent.contains(node);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized boolean isDue(NodeId node, boolean chosen) {
        return (chosen || silent.contains(node)) && !underWay.containsKey(node);
    }

    private synchronized void forget(NodeId node) {
        silent.remove(node);
    }

    /** Begins no more comparisons. Those that are under way end after their present request. Closing again does nothing. */
    @Override
    public void close() {
        Subscription subscription;
        synchronized (this) {
            closed = true;
            subscription = view;
        }
        if (subscription != null) {
            subscription.close();
        }
        caughtUp.complete(null);
    }

    /** On the thread of the listeners. */
    private final class ViewListener implements Nodes.Listener {
        private boolean ticked;
        private long dueAt;

        /** Of nodes that start together each begins with another one. */
        private int turn = ThreadLocalRandom.current().nextInt(1 << 16);

        @Override
        public void reachable(NodeId node) {
            compare(node);
        }

        @Override
        public void left(NodeId node) {
            forget(node);
        }

        @Override
        public void tick(long nanos) {
            if (ticked && nanos - dueAt < 0) {
                return;
            }
            if (ticked) {
                periodic();
            }
            ticked = true;
            dueAt = nanos + interval;
        }

        private void periodic() {
            List<NodeId> others = nodes.others();
            turn++;
            for (int i = 0; i < others.size(); i++) {
                boolean chosen = period == Period.ALL || i == turn % others.size();
                if (isDue(others.get(i), chosen)) {
                    compare(others.get(i));
                }
            }
        }
    }
}
