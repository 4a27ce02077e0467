package io.heliodor.node;

import io.heliodor.pubsub.Subscription;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that wait for one listener of a user, and the virtual thread that calls it with them, one at a time and in
 * order.
 *
 * <p>Up to {@link #MAX_WAITING} events wait as they are. If more do, they are coalesced: a few events that lead from the
 * state that the listener has received to the present one take their place. So the queue has a bound, and the listener
 * ends up with the right state however slow it is.
 *
 * @param <E> the type of the events
 */
final class EventQueue<E> implements Subscription {
    static final int MAX_WAITING = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    private final String name;
    private final Consumer<? super E> listener;
    private final UnaryOperator<List<E>> coalescing;
    private final Counters counters;

    // Guarded by this. No code of users runs while that is held.
    private ArrayDeque<E> waiting = new ArrayDeque<>();
    private int limit = MAX_WAITING;
    private boolean running;
    private boolean closed;

    /**
     * An empty queue.
     *
     * @param name of what the events are, for log lines and threads
     * @param listener called with each event
     * @param coalescing makes fewer events of those that wait: at most a few for each entry of the state
     */
    EventQueue(String name, Consumer<? super E> listener, UnaryOperator<List<E>> coalescing, Counters counters) {
        this.name = name;
        this.listener = listener;
        this.coalescing = coalescing;
        this.counters = counters;
    }

    void add(E event) {
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
        // A large state may need more events than the limit: then twice as many may wait until it is worth the work
        // again.
        limit = Math.max(MAX_WAITING, 2 * waiting.size());
        counters.add(Statistic.EVENTS_COALESCED, before - waiting.size());
        LOG.warn(
                "A listener of {} is behind: of {} events that waited for it, {} that later ones made void were dropped.",
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
            // An interrupt that the listener left behind is not for the next event.
            Thread.interrupted();
        }
    }

    /** No event is left and the thread ends: one step, or an event that is added in between would wait without a thread. */
    private synchronized @Nullable E take() {
        E event = waiting.poll();
        running = event != null;
        return event;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Drops the events that wait. A running call may finish. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
