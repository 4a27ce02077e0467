package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The time of one node, by the clock of the kit. It stops while the node is paused; tasks that become due run when the node
 * resumes.
 *
 * <p>A waiting thread parks until another thread advances the clock. The thread of the test advances it itself, because no
 * other thread would.
 */
final class NodeTime implements Time {
    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();

    private final VirtualClock clock;
    private final KitThreads threads;
    private final Thread test;
    private final Supplier<String> state;

    @GuardedBy("this")
    private final List<Runnable> held = new ArrayList<>();

    @GuardedBy("this")
    private boolean paused;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private long stoodAt;

    NodeTime(VirtualClock clock, KitThreads threads, Thread test, Supplier<String> state) {
        this.clock = clock;
        this.threads = threads;
        this.test = test;
        this.state = state;
    }

    @Override
    public synchronized long nanos() {
        return paused ? stoodAt : clock.now();
    }

    @Override
    public long machineNanos() {
        return threads.nanoTime();
    }

    @Override
    public Thread.Builder loopThread() {
        return threads.loop();
    }

    @Override
    public synchronized Task after(long nanos, Runnable task) {
        return closed ? () -> {} : clock.set(this, nanos, task);
    }

    void cancelled(Task task) {
        clock.unset(task);
    }

    /** Runs a due task, on the thread that advances the clock, or holds it while the node is paused. */
    void run(Runnable task) {
        synchronized (this) {
            if (paused && !closed) {
                held.add(task);
            }
            if (paused || closed) {
                return;
            }
        }
        task.run();
    }

    synchronized void pause() {
        if (!paused) {
            paused = true;
            stoodAt = clock.now();
        }
    }

    synchronized void resume() {
        paused = false;
        held.forEach(task -> clock.set(this, 0, task));
        held.clear();
    }

    @Override
    public void await(CompletableFuture<?> done, long nanos) throws InterruptedException {
        if (!Thread.currentThread().equals(test)) {
            Time.super.await(done, nanos);
            return;
        }
        long begin = clock.now();
        long patience = threads.nanoTime() + PATIENCE;
        clock.rest();
        while (!done.isDone() && clock.now() - begin < nanos) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (threads.nanoTime() - patience > 0) {
                throw new IllegalStateException(
                        "A call by the thread of the test does not return, though the clock advanced by "
                                + Duration.ofNanos(clock.now() - begin) + ".\n" + state.get());
            }
            clock.step();
        }
    }

    /** Cancels all tasks; none runs after this. */
    @Override
    public synchronized void close() {
        closed = true;
        held.clear();
        clock.drop(this);
    }
}
