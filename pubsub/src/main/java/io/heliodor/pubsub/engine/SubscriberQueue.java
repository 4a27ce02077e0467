package io.heliodor.pubsub.engine;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of messages for one receiver, with a virtual thread that delivers them in order, one at a time.
 *
 * <p>A message to an idle mailbox starts the thread, and the thread ends when the queue is empty. The queue exists only in
 * between. All state is guarded by {@code this}; no foreign code runs while that is held.
 *
 * @param <T> the type of the messages
 */
final class SubscriberQueue<T> {
    private final String name;
    private final int capacity;
    private final Consumer<? super T> receiver;

    /** Not null exactly while there is a thread. */
    private @Nullable ArrayDeque<T> waiting;

    private boolean closed;
    private boolean dropping;
    private long dropped;

    /** An empty mailbox. The receiver must not throw, as that would end the thread unnoticed. */
    SubscriberQueue(String name, int capacity, Consumer<? super T> receiver) {
        this.name = name;
        this.capacity = capacity;
        this.receiver = receiver;
    }

    /** Adds or drops a message. Returns true for the first one that is dropped since the mailbox was empty. */
    boolean put(T message) {
        synchronized (this) {
            if (closed) {
                return false;
            }
            if (waiting != null && waiting.size() >= capacity) {
                dropped++;
                boolean begins = !dropping;
                dropping = true;
                return begins;
            }
            if (waiting != null) {
                waiting.add(message);
                return false;
            }
            waiting = new ArrayDeque<>();
            waiting.add(message);
        }
        Thread.ofVirtual()
                .name("pubsub " + name)
                .inheritInheritableThreadLocals(false)
                .start(this::drain);
        return false;
    }

    private void drain() {
        for (T message = take(); message != null; message = take()) {
            receiver.accept(message);
            // An interrupt left behind by the receiver must not affect the next message.
            Thread.interrupted();
        }
    }

    /** Takes the next message, or becomes idle in the same step: a message put in between would wait without a thread. */
    private synchronized @Nullable T take() {
        T message = waiting == null ? null : waiting.poll();
        if (message == null) {
            waiting = null;
            dropping = false;
        }
        return message;
    }

    int capacity() {
        return capacity;
    }

    synchronized long dropped() {
        return dropped;
    }

    /** Discards the waiting messages. A message that was taken before is still delivered. */
    synchronized void close() {
        closed = true;
        if (waiting != null) {
            waiting.clear();
        }
    }
}
