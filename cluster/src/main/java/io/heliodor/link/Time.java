package io.heliodor.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The time of a node: a monotonic clock, and something that acts when it has come so far. All that a node does after a while,
 * and every wait that has a limit, goes by it. Any thread may use it.
 */
public interface Time extends AutoCloseable {
    /**
     * The time.
     *
     * @return nanoseconds since some moment; only differences mean something
     */
    long nanos();

    /**
     * Runs something later.
     *
     * @param nanos after how long
     * @param task it must not block
     * @return to cancel it
     */
    Task after(long nanos, Runnable task);

    /**
     * Runs something each time that a period has passed, one run at a time, until it is cancelled. A run that fails is not the
     * last.
     *
     * @param period how long from one run to the next; the first comes after one period
     * @param task it must not block
     * @return to cancel it
     */
    default Task every(Duration period, Runnable task) {
        PeriodicTask repeated = new PeriodicTask(this, period.toNanos(), task);
        repeated.next();
        return repeated;
    }

    /**
     * Waits until something is complete, however it completes, but not longer than this.
     *
     * @param done what is waited for
     * @param nanos how long at most
     * @throws InterruptedException when interrupted while waiting
     */
    default void await(CompletableFuture<?> done, long nanos) throws InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        Task limit = after(nanos, () -> over.complete(null));
        try {
            CompletableFuture.anyOf(done, over).get();
        } catch (ExecutionException e) {
            return; // complete in its way: the caller asks how
        } finally {
            limit.cancel();
        }
    }

    /** Nothing is run from now on. */
    @Override
    void close();

    /** Something that will be run. */
    @FunctionalInterface
    interface Task {
        /** It need not be run any more; does nothing when it was. */
        void cancel();
    }

    /**
     * The time of this machine, with a thread for what is to be run.
     *
     * @param node whose time it is, for the name of the thread
     * @return the time
     */
    static Time machine(String node) {
        return MachineTime.start(node);
    }

    /**
     * The time of this machine.
     *
     * @param executor runs what is to be run; it should forget what is cancelled, and ends when the time is closed
     * @return the time
     */
    static Time over(ScheduledExecutorService executor) {
        return new MachineTime(executor);
    }
}
