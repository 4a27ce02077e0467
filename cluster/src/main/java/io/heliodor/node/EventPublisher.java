package io.heliodor.node;

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
final class EventPublisher<E> {
    private final String name;
    private final UnaryOperator<List<E>> coalescing;
    private final Counters counters;
    private final Set<EventQueue<E>> queues = ConcurrentHashMap.newKeySet();

    EventPublisher(String name, UnaryOperator<List<E>> coalescing, Counters counters) {
        this.name = name;
        this.coalescing = coalescing;
        this.counters = counters;
    }

    /** A queue to which nothing is published yet. */
    EventQueue<E> prepare(Consumer<? super E> listener) {
        return new EventQueue<>(name, listener, coalescing, counters);
    }

    /** Adds these events to the queue, then those that are published. On the node's loop, so that none comes in between. */
    void begin(EventQueue<E> queue, List<? extends E> first) {
        first.forEach(queue::add);
        queues.add(queue);
        // It may have been closed before this turn came.
        if (queue.isClosed()) {
            queues.remove(queue);
        }
    }

    /** The subscription of a queue. */
    Subscription subscription(EventQueue<E> queue) {
        return () -> {
            queue.close();
            queues.remove(queue);
        };
    }

    void publish(E event) {
        queues.forEach(queue -> queue.add(event));
    }

    void close() {
        queues.forEach(EventQueue::close);
        queues.clear();
    }
}
