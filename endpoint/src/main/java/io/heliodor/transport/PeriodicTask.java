package io.heliodor.transport;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task periodically on one virtual thread, so that work that waits for the disk, or is proportional to all topics,
 * delays no event loop. The next run begins a period after the last one has ended: never two at once.
 */
final class PeriodicTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** How long a run under way is waited for at the end. */
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
        this.thread = Thread.ofVirtual().name("heliodor-" + name).unstarted(this::live);
    }

    /**
     * Starts one.
     *
     * @param name of the task, for its thread and the log
     * @param period between two runs
     * @param task what to run; an exception is logged, and the next run follows
     */
    static PeriodicTask start(String name, Duration period, Runnable task) {
        PeriodicTask sweeper = new PeriodicTask(name, period, task);
        sweeper.thread.start();
        return sweeper;
    }

    private void live() {
        while (!closed) {
            try {
                Thread.sleep(period);
                task.run();
            } catch (InterruptedException e) {
                // Closed.
            } catch (Throwable e) {
                LOG.error("The periodic task {} failed; it runs again after {}.", name, period, e);
            }
        }
    }

    /** No run begins after this. */
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
