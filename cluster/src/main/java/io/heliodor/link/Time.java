package io.heliodor.link;

import io.heliodor.batch.WakeBatch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The clock and the timer of a node: all its delays and timeouts use it, so that tests can control them. Thread-safe.
 */
public interface Time extends AutoCloseable {
    /**
     * The present time of a monotonic clock.
     *
     * @return nanoseconds since an arbitrary moment; only differences have a meaning
     */
    long nanos();

    /**
     * The present time by which short pauses are measured. A test kit controls {@link #nanos}, and lets these pass by
     * themselves.
     *
     * @return nanoseconds since an arbitrary moment; only differences have a meaning
     */
    default long machineNanos() {
        return nanos();
    }

    /**
     * The kind of the threads of a node's loops.
     *
     * @return a builder of one such thread
     */
    default Thread.Builder loopThread() {
        return Thread.ofPlatform().daemon();
    }

    /**
     * Runs a task once after a delay.
     *
     * @param nanos the delay
     * @param task must not block
     * @return cancels it
     */
    Task after(long nanos, Runnable task);

    /**
     * Runs a task periodically until it is cancelled, one run at a time. It continues after a run that throws.
     *
     * @param period the delay before the first run, and between two runs
     * @param task must not block
     * @return cancels it
     */
    default Task every(Duration period, Runnable task) {
        PeriodicTask repeated = new PeriodicTask(this, period.toNanos(), task);
        repeated.next();
        return repeated;
    }

    /**
     * Waits until a future completes, normally or not.
     *
     * @param done the future
     * @param nanos the maximum time to wait
     * @throws InterruptedException when interrupted while waiting
     */
    default void await(CompletableFuture<?> done, long nanos) throws InterruptedException {
        // The thread that completes it may wait for one that a batch of the caller would wake at its end.
        WakeBatch.flush();
        awaitCompletion(done, nanos);
    }

    /**
     * Waits as {@link #await} does, which calls it.
     *
     * @param done the future
     * @param nanos the maximum time to wait
     * @throws InterruptedException when interrupted while waiting
     */
    default void awaitCompletion(CompletableFuture<?> done, long nanos) throws InterruptedException {
        CompletableFuture<Void> expired = new CompletableFuture<>();
        Task timeout = after(nanos, () -> expired.complete(null));
        try {
            CompletableFuture.anyOf(done, expired).get();
        } catch (ExecutionException e) {
            return; // completed exceptionally: the caller looks
        } finally {
            timeout.cancel();
        }
    }

    /** Stops the timer: no task runs afterwards. */
    @Override
    void close();

    /** A scheduled task. */
    @FunctionalInterface
    interface Task {
        /** Prevents further runs; a run that has begun continues. */
        void cancel();
    }

    /**
     * The time of this machine, with a thread for the tasks.
     *
     * @param node the name of the node, for the name of the thread
     * @return the time
     */
    static Time machine(String node) {
        return MachineTime.start(node);
    }

    /**
     * The time of this machine, with an executor for the tasks.
     *
     * @param executor runs the tasks; it should remove cancelled ones, and is shut down by {@link #close}
     * @return the time
     */
    static Time over(ScheduledExecutorService executor) {
        return new MachineTime(executor);
    }
}
