package io.heliodor.pubsub.engine;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one receiver, and the virtual thread that hands them over, one at a time and in order.
 *
 * <p>The message that finds the mailbox idle starts the thread, and the thread ends when nothing is left; only in
 * between is there a queue. All state is guarded by {@code this}; no foreign code runs while that is held.
 *
 * @param <T> the type of the messages
 */
final class Mailbox<T> {
    private final String name;
    private final int capacity;
    private final Consumer<? super T> receiver;

    /** Exists exactly as long as the thread does, hence also says whether there is one. */
    private @Nullable ArrayDeque<T> waiting;

    private boolean closed;
    private boolean dropping;
    private long dropped;

    /** The receiver must not throw: the thread would end without anyone knowing. */
    Mailbox(String name, int capacity, Consumer<? super T> receiver) {
        this.name = name;
        this.capacity = capacity;
        this.receiver = receiver;
    }

    /** Returns whether dropping begins: this message is the first to be dropped since the mailbox was empty. */
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
            // An interrupt that the receiver left behind is not for the next message.
            Thread.interrupted();
        }
    }

    /** Finding nothing and going idle are one step: a message put in between would wait without a thread. */
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

    /** Discards what waits; what was already taken is still handed over. */
    synchronized void close() {
        closed = true;
        if (waiting != null) {
            waiting.clear();
        }
    }
}
