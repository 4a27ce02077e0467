package io.heliodor.link;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.log.FailureLog;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one at a time and in order, each as one step, from {@link #start} on. Thread-safe. */
final class SerialExecutor {
    private static final Logger log = LoggerFactory.getLogger("io.heliodor.link.SessionLink");

    private final FailureLog failures = new FailureLog(log, System::nanoTime);

    /** Held while a task runs. */
    private final ReentrantLock running = new ReentrantLock();

    @GuardedBy("this")
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean scheduled = true;

    @GuardedBy("this")
    private Consumer<BooleanSupplier> steps = step -> {};

    private volatile boolean closed;

    /** Begins. {@code steps} calls the step that it gets until that returns false. */
    synchronized void start(Consumer<BooleanSupplier> steps) {
        this.steps = steps;
        steps.accept(this::step);
    }

    synchronized void execute(Runnable task) {
        if (closed) {
            return;
        }
        waiting.add(task);
        if (!scheduled) {
            scheduled = true;
            steps.accept(this::step);
        }
    }

    private boolean step() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                scheduled = false;
                return false;
            }
        }
        running.lock();
        try {
            if (!closed) {
                next.run();
            }
        } catch (RuntimeException e) {
            failures.error("The listener of a link", e, () -> "failed.");
        } finally {
            running.unlock();
        }
        return true;
    }

    /** Whether all tasks have run. */
    synchronized boolean isQuiescent() {
        return !scheduled || closed;
    }

    /** Drops waiting tasks. Waits for a task that runs, unless that calls this. */
    void close() {
        running.lock();
        try {
            synchronized (this) {
                closed = true;
                waiting.clear();
            }
        } finally {
            running.unlock();
        }
    }
}
