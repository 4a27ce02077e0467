package io.heliodor.batch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A queue whose elements are taken one at a time and in order, by one thread. An element that finds no thread starts one, and the
 * thread ends when the queue is empty: an idle queue has neither a thread nor memory for elements. Any thread may use it.
 *
 * @param <T> the type of the elements
 */
public abstract class SerialQueue<T> {
    // Guarded by this. Only admit is called while that is held.
    @GuardedBy("this")
    private @Nullable ArrayDeque<T> waiting;

    /** Whether a thread takes elements. */
    @GuardedBy("this")
    private boolean running;

    @GuardedBy("this")
    private boolean closed;

    /** An empty queue. */
    protected SerialQueue() {}

    /**
     * Starts a thread.
     *
     * @param task what it runs
     */
    protected abstract void start(Runnable task);

    /**
     * Takes an element, on the thread of the queue. A failure goes to {@link #failed}, and the other elements follow all the same.
     *
     * @param element the element
     */
    protected abstract void receive(T element);

    /**
     * Handles a failure of {@link #receive}, on the thread of the queue.
     *
     * @param element the element
     * @param failure what was thrown
     */
    protected abstract void failed(T element, Throwable failure);

    /**
     * Adds an element to those that wait, refuses it, or drops others for it. Called under the lock of the queue, and must not block.
     * By default it adds any number.
     *
     * @param all the elements that wait, the first one first
     * @param element the element
     * @return what {@link #add} returns
     */
    @GuardedBy("this")
    protected boolean admit(ArrayDeque<T> all, T element) {
        return all.add(element);
    }

    /**
     * Adds an element, unless the queue is closed.
     *
     * @param element the element
     * @return what {@link #admit} returned; false if the queue is closed
     */
    public final boolean add(T element) {
        boolean result;
        synchronized (this) {
            if (closed) {
                return false;
            }
            ArrayDeque<T> all = waiting == null ? new ArrayDeque<>() : waiting;
            waiting = all;
            result = admit(all, element);
            if (running || all.isEmpty()) {
                return result;
            }
            running = true;
        }
        boolean started = false;
        try {
            start(this::drain);
            started = true;
        } finally {
            if (!started) {
                stopped();
            }
        }
        return result;
    }

    /** The thread could not be started. The next element tries it again. */
    private synchronized void stopped() {
        running = false;
    }

    /**
     * Whether no element waits, and none is being received.
     *
     * @return false until the thread has ended
     */
    public final synchronized boolean isIdle() {
        return !running;
    }

    private void drain() {
        for (T element = take(); element != null; element = take()) {
            try {
                receive(element);
            } catch (Throwable e) {
                report(element, e);
            }
            // An interrupt that the receiver left must not affect the next element.
            Thread.interrupted();
        }
    }

    private void report(T element, Throwable failure) {
        try {
            failed(element, failure);
        } catch (Throwable e) {
            // A log that fails must not end the thread: it would take no element any more.
        }
    }

    /** Takes the next element; null if there is none, and the thread ends. One step: an element added in between would find no thread. */
    private synchronized @Nullable T take() {
        T element = waiting == null ? null : waiting.poll();
        if (element == null) {
            waiting = null;
            running = false;
        }
        return element;
    }

    /** Drops the elements that wait, and takes no others. One that was taken before may still be with the receiver. */
    public synchronized void close() {
        closed = true;
        waiting = null;
    }

    /**
     * Whether it is closed.
     *
     * @return true after {@link #close}
     */
    public final synchronized boolean isClosed() {
        return closed;
    }
}
