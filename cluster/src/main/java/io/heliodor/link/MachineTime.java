package io.heliodor.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The time of this machine. Of a node, only this class and the wire over JGroups read the system clock. */
record MachineTime(ScheduledExecutorService executor) implements Time {
    static MachineTime start(String node) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("heliodor timer " + node).factory());
        // Most timeouts are cancelled long before they are due.
        executor.setRemoveOnCancelPolicy(true);
        // A closed node may still be called; its tasks do not run any more.
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return new MachineTime(executor);
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Task after(long nanos, Runnable task) {
        ScheduledFuture<?> future = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public void awaitCompletion(CompletableFuture<?> done, long nanos) throws InterruptedException {
        try {
            Object _ = done.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return; // timed out, or completed exceptionally: the caller looks
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
