package io.heliodor.node.loop;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.batch.SerialQueue;
import io.heliodor.counter.EnumCounters;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.Subscription;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of events for one listener of a user, and the virtual thread that calls it, one event at a time and in order.
 *
 * <p>Up to {@link #MAX_WAITING} events wait unchanged. More are coalesced into a few events that lead from the state of the
 * listener to the present one. So the queue is bounded, and a slow listener ends with the right state.
 *
 * @param <E> the type of the events
 */
public final class EventQueue<E> extends SerialQueue<E> implements Subscription {
    public static final int MAX_WAITING = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    private final String name;
    private final Consumer<? super E> listener;
    private final UnaryOperator<List<E>> coalescing;
    private final EnumCounters<NodeCounter> counters;
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final BoundedLog lags = new BoundedLog(LOG, "listeners that lag", System::nanoTime);

    /** No code of users runs while the lock is held. */
    @GuardedBy("this")
    private int limit = MAX_WAITING;

    /**
     * An empty queue.
     *
     * @param name the source of the events, for log lines and threads
     * @param listener called with each event
     * @param coalescing reduces the waiting events to at most a few for each entry of the state
     */
    public EventQueue(
            String name,
            Consumer<? super E> listener,
            UnaryOperator<List<E>> coalescing,
            EnumCounters<NodeCounter> counters) {
        this.name = name;
        this.listener = listener;
        this.coalescing = coalescing;
        this.counters = counters;
    }

    @Override
    @GuardedBy("this")
    protected boolean admit(ArrayDeque<E> all, E event) {
        all.add(event);
        int before = all.size();
        if (before <= limit) {
            return true;
        }
        List<E> coalesced = coalescing.apply(List.copyOf(all));
        all.clear();
        all.addAll(coalesced);
        // A large state may need more events than the limit. Then twice as many may wait before they are coalesced
        // again.
        limit = Math.max(MAX_WAITING, 2 * all.size());
        counters.add(NodeCounter.EVENTS_COALESCED, before - all.size());
        lags.warn(
                "A listener of {} lags: of {} events that waited for it, {} obsolete ones were dropped.",
                name,
                before,
                before - all.size());
        return true;
    }

    @Override
    protected void start(Runnable task) {
        Thread.ofVirtual()
                .name(name + " listener")
                .inheritInheritableThreadLocals(false)
                .start(task);
    }

    @Override
    protected void receive(E event) {
        listener.accept(event);
    }

    @Override
    protected void failed(E event, Throwable failure) {
        failures.error("A listener of " + name, failure, () -> "failed at " + event + ".");
    }
}
