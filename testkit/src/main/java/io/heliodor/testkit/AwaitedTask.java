package io.heliodor.testkit;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Work for another thread, for whose result the thread that creates it waits. It waits by parks: the waits of the JDK read the
 * clock of the machine, which a simulation replaces.
 */
final class AwaitedTask<T> extends FutureTask<T> {
    private final KitThreads threads;
    private final Thread waiting = Thread.currentThread();

    AwaitedTask(KitThreads threads, Callable<T> work) {
        super(work);
        this.threads = threads;
    }

    @Override
    protected void done() {
        LockSupport.unpark(waiting);
    }

    /** Waits for the result, for a time at most. */
    T await(long nanos) throws InterruptedException, ExecutionException, TimeoutException {
        long end = threads.nanoTime() + nanos;
        while (!isDone()) {
            long left = end - threads.nanoTime();
            if (left <= 0) {
                throw new TimeoutException();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(this, left);
        }
        return get();
    }
}
