package io.heliodor.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The clock of the machine without a timer: no scheduled task ever runs. */
public final class TimerlessTime implements Time {
    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Task after(long nanos, Runnable task) {
        return () -> {};
    }

    @Override
    public void await(CompletableFuture<?> done, long nanos) throws InterruptedException {
        try {
            done.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return; // the caller looks
        }
    }

    @Override
    public void close() {}
}
