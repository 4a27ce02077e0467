package io.heliodor.node.loop;

import io.heliodor.counter.EnumCounters;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Publishes events to the listeners of users, each with an {@link EventQueue} of its own.
 *
 * @param <E> the type of the events
 */
public final class EventPublisher<E> {
    private final String name;
    private final UnaryOperator<List<E>> coalescing;
    private final EnumCounters<NodeCounter> counters;
    private final Set<EventQueue<E>> queues = ConcurrentHashMap.newKeySet();

    public EventPublisher(String name, UnaryOperator<List<E>> coalescing, EnumCounters<NodeCounter> counters) {
        this.name = name;
        this.coalescing = coalescing;
        this.counters = counters;
    }

    /** A queue that is not subscribed yet. */
    public EventQueue<E> prepare(Consumer<? super E> listener) {
        return new EventQueue<>(name, listener, coalescing, counters);
    }

    /** Subscribes a queue, after adding some events. On the node's loop, so that no event is published in between. */
    public void begin(EventQueue<E> queue, List<? extends E> first) {
        first.forEach(queue::add);
        queues.add(queue);
        // The subscription may have been closed before this task ran.
        if (queue.isClosed()) {
            queues.remove(queue);
        }
    }

    /** The subscription of a queue. */
    public Subscription subscription(EventQueue<E> queue) {
        return () -> {
            queue.close();
            queues.remove(queue);
        };
    }

    public void publish(E event) {
        queues.forEach(queue -> queue.add(event));
    }

    public void close() {
        queues.forEach(EventQueue::close);
        queues.clear();
    }
}
