package io.heliodor.link;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs what it is given one at a time and in order, one for each turn; nothing before it was started. */
final class SerialExecutor {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final ReentrantLock busy = new ReentrantLock();
    private boolean running = true;
    private volatile boolean closed;
    private Consumer<BooleanSupplier> turns = turn -> {};

    /** Begins. {@code turns} sees to it that what it is given is called until it says no. */
    synchronized void start(Consumer<BooleanSupplier> turns) {
        this.turns = turns;
        turns.accept(this::turn);
    }

    synchronized void add(Runnable task) {
        if (closed) {
            return;
        }
        waiting.add(task);
        if (!running) {
            running = true;
            turns.accept(this::turn);
        }
    }

    private boolean turn() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                running = false;
                return false;
            }
        }
        busy.lock();
        try {
            if (!closed) {
                next.run();
            }
        } catch (RuntimeException e) {
            log.error("The listener of a link failed.", e);
        } finally {
            busy.unlock();
        }
        return true;
    }

    /** Whether all that it was given has run. */
    synchronized boolean rests() {
        return !running || closed;
    }

    /** Nothing runs any more when this returned, but what called it. */
    void close() {
        busy.lock();
        try {
            synchronized (this) {
                closed = true;
                waiting.clear();
            }
        } finally {
            busy.unlock();
        }
    }
}
