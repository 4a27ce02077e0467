package io.heliodor.transport;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task again and again on one virtual thread, so that what is proportional to all topics holds up no event loop. The
 * next run begins a period after the last one has ended: never two at once.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** How long a run under way is waited for at the end. */
    private static final Duration LAST_RUN = Duration.ofSeconds(1);

    private final Duration period;
    private final Runnable task;
    private final Thread thread;
    private volatile boolean closed;

    private Sweeper(Duration period, Runnable task) {
        this.period = period;
        this.task = task;
        this.thread = Thread.ofVirtual().name("heliodor-sweeper").unstarted(this::live);
    }

    static Sweeper start(Duration period, Runnable task) {
        Sweeper sweeper = new Sweeper(period, task);
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
                LOG.error("The histories were not looked at", e);
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
