package io.heliodor.transport;

import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that runs periodically on one virtual thread, so that slow work delays no event loop. A run begins one period
 * after the end of the last, so runs do not overlap.
 */
final class PeriodicTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** The time that a close waits for the current run. */
    private static final Duration LAST_RUN = Duration.ofSeconds(1);

    private final String name;
    private final Duration period;
    private final Runnable task;
    private final Thread thread;
    private volatile boolean closed;

    private PeriodicTask(String name, Duration period, Runnable task) {
        this.name = name;
        this.period = period;
        this.task = task;
        this.thread = Thread.ofVirtual().name("heliodor-" + name).unstarted(this::run);
    }

    /**
     * Starts a task.
     *
     * @param name the name, for its thread and the log
     * @param period the time between two runs
     * @param task the task; an exception is logged, and the next run follows
     */
    static PeriodicTask start(String name, Duration period, Runnable task) {
        PeriodicTask sweeper = new PeriodicTask(name, period, task);
        sweeper.thread.start();
        return sweeper;
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(period);
                task.run();
            } catch (InterruptedException e) {
                // Closed.
            } catch (Throwable e) {
                LOG.error("The periodic task {} failed; it runs again after {}.", name, period, EscapedException.of(e));
            }
        }
    }

    /** Prevents further runs, and waits for a second at most for the current one. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            boolean _ = thread.join(LAST_RUN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
