package io.heliodor.node.loop;

import io.heliodor.link.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.Subscription;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
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
public final class EventQueue<E> implements Subscription {
    public static final int MAX_WAITING = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    private final String name;
    private final Consumer<? super E> listener;
    private final UnaryOperator<List<E>> coalescing;
    private final EnumCounters<NodeCounter> counters;

    // Guarded by this. No code of users runs while that is held.
    private ArrayDeque<E> waiting = new ArrayDeque<>();
    private int limit = MAX_WAITING;
    private boolean running;
    private boolean closed;

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

    public void add(E event) {
        synchronized (this) {
            if (closed) {
                return;
            }
            waiting.add(event);
            if (waiting.size() > limit) {
                coalesce();
            }
            if (running || waiting.isEmpty()) {
                return;
            }
            running = true;
        }
        Thread.ofVirtual()
                .name(name + " listener")
                .inheritInheritableThreadLocals(false)
                .start(this::drain);
    }

    private void coalesce() {
        int before = waiting.size();
        waiting = new ArrayDeque<>(coalescing.apply(List.copyOf(waiting)));
        // A large state may need more events than the limit. Then twice as many may wait before they are coalesced
        // again.
        limit = Math.max(MAX_WAITING, 2 * waiting.size());
        counters.add(NodeCounter.EVENTS_COALESCED, before - waiting.size());
        LOG.warn(
                "A listener of {} lags: of {} events that waited for it, {} obsolete ones were dropped.",
                name,
                before,
                before - waiting.size());
    }

    private void drain() {
        for (E event = take(); event != null; event = take()) {
            try {
                listener.accept(event);
            } catch (RuntimeException | Error e) {
                LOG.error("A listener of {} failed at {}.", name, event, e);
            }
            // Clears an interrupt that the listener left.
            Thread.interrupted();
        }
    }

    /**
     * The next event; null if there is none, and the thread ends. One step: an event added in between would find no thread.
     */
    private synchronized @Nullable E take() {
        E event = waiting.poll();
        running = event != null;
        return event;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    /** Drops the waiting events. A running call of the listener may finish. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
