package io.heliodor.pubsub.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.batch.SerialQueue;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * A bounded queue of messages for one receiver, with a virtual thread that delivers them in order, one at a time.
 *
 * @param <T> the type of the messages
 */
final class SubscriberQueue<T> extends SerialQueue<T> {
    private final String name;
    private final int capacity;
    private final Consumer<? super T> receiver;

    @GuardedBy("this")
    private boolean dropping;

    @GuardedBy("this")
    private long dropped;

    /** An empty queue. The receiver reports its own failures. */
    SubscriberQueue(String name, int capacity, Consumer<? super T> receiver) {
        this.name = name;
        this.capacity = capacity;
        this.receiver = receiver;
    }

    /** Adds or drops a message. Returns true for the first one that is dropped since the queue was empty. */
    boolean put(T message) {
        return add(message);
    }

    @Override
    @GuardedBy("this")
    protected boolean admit(ArrayDeque<T> all, T message) {
        if (isIdle()) {
            dropping = false;
        }
        if (all.size() < capacity) {
            all.add(message);
            return false;
        }
        dropped++;
        boolean begins = !dropping;
        dropping = true;
        return begins;
    }

    @Override
    protected void start(Runnable task) {
        Thread.ofVirtual()
                .name("pubsub " + name)
                .inheritInheritableThreadLocals(false)
                .start(task);
    }

    @Override
    protected void receive(T message) {
        receiver.accept(message);
    }

    @Override
    protected void failed(T message, Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }

    int capacity() {
        return capacity;
    }

    synchronized long dropped() {
        return dropped;
    }
}
