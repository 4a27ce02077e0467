package io.heliodor.session;

import io.heliodor.session.lane.Loop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A loop without a network. By hand, its thread is the test's own, and it runs only while the test waits for
 * something or calls {@link #turn}; otherwise it has a thread.
 */
final class TestLoop implements Loop, AutoCloseable {
    private static final long ANSWER_TIMEOUT = TimeUnit.MILLISECONDS.toNanos(1);

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Queue<Runnable> afterTasks = new ArrayDeque<>();
    private final PriorityBlockingQueue<Timer> timers = new PriorityBlockingQueue<>();
    private final AtomicInteger buffers = new AtomicInteger();
    private final AtomicLong bytesKept = new AtomicLong();
    private final AtomicReference<Runnable> onceWoken = new AtomicReference<>();
    private final boolean byHand;
    private final Thread thread;
    private volatile BooleanSupplier outOfMemory = () -> false;
    private volatile Throwable failure;
    private volatile boolean closed;

    private record Timer(long due, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            return Long.compare(due - other.due, 0);
        }
    }

    private TestLoop(boolean byHand) {
        this.byHand = byHand;
        this.thread =
                byHand ? Thread.currentThread() : Thread.ofPlatform().daemon().unstarted(this::live);
    }

    static TestLoop byHand() {
        return new TestLoop(true);
    }

    static TestLoop started() {
        TestLoop loop = new TestLoop(false);
        loop.thread.start();
        return loop;
    }

    private void live() {
        while (!closed) {
            step();
        }
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread().equals(thread);
    }

    @Override
    public boolean execute(Runnable task) {
        Runnable hook = inEventLoop() ? null : onceWoken.getAndSet(null);
        if (hook != null) {
            hook.run();
        }
        return tasks.add(task);
    }

    /** Runs a task when another thread next wakes the loop: on that thread, before the loop runs. */
    void onceWoken(Runnable hook) {
        onceWoken.set(hook);
    }

    @Override
    public void schedule(Runnable task, long nanos) {
        timers.add(new Timer(System.nanoTime() + nanos, task));
    }

    @Override
    public void afterTasks(Runnable task) {
        afterTasks.add(task);
    }

    private void endPass() {
        for (Runnable task = afterTasks.poll(); task != null; task = afterTasks.poll()) {
            task.run();
        }
    }

    /** Decides for each buffer whether its allocation fails. */
    void failsToAllocate(BooleanSupplier whether) {
        outOfMemory = whether;
    }

    /** Fails if there is no memory for a buffer. */
    void allocate() {
        if (outOfMemory.getAsBoolean()) {
            throw new OutOfMemoryError("on purpose");
        }
    }

    @Override
    public Shared share(List<byte[]> messages) {
        allocate();
        int size = messages.stream().mapToInt(message -> message.length).sum();
        buffers.incrementAndGet();
        bytesKept.addAndGet(size);
        return new TestShared(List.copyOf(messages), () -> {
            buffers.decrementAndGet();
            bytesKept.addAndGet(-size);
        });
    }

    /** Runs a task on the loop's thread and waits for its end. */
    void perform(Runnable action) {
        if (inEventLoop()) {
            action.run();
            return;
        }
        var done = new LinkedBlockingQueue<Boolean>();
        execute(() -> {
            try {
                action.run();
            } finally {
                done.add(true);
            }
        });
        await(() -> !done.isEmpty());
    }

    /** Runs the tasks that are queued at this moment; tasks that they add wait. */
    void turn() {
        for (int left = tasks.size(); left > 0; left--) {
            tasks.remove().run();
        }
        endPass();
    }

    /** Runs the timers, as if their time had come. */
    void timers() {
        for (int left = timers.size(); left > 0; left--) {
            timers.remove().task().run();
        }
    }

    /** By hand, runs the queued tasks; waits a moment if there are none. */
    void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean() && !closed) {
            if (inEventLoop()) {
                step();
            } else {
                LockSupport.parkNanos(ANSWER_TIMEOUT / 10);
            }
        }
    }

    void step() {
        if (!inEventLoop()) {
            LockSupport.parkNanos(ANSWER_TIMEOUT / 10);
            return;
        }
        try {
            Timer timer = timers.peek();
            if (timer != null && timer.due() - System.nanoTime() <= 0) {
                timers.remove().task().run();
            }
            Runnable task = tasks.poll(ANSWER_TIMEOUT, TimeUnit.NANOSECONDS);
            if (task != null) {
                task.run();
            }
            endPass();
        } catch (InterruptedException e) {
            throw new AssertionError("a loop was interrupted", e);
        } catch (Throwable e) {
            if (byHand) {
                throw e;
            }
            failure = e;
        }
    }

    /** Returns whether no task waits. */
    boolean idle() {
        return tasks.isEmpty();
    }

    /** Returns the number of buffers that were not released. */
    int buffers() {
        return buffers.get();
    }

    /** Returns the bytes of the buffers that were not released. */
    long bytesKept() {
        return bytesKept.get();
    }

    @Override
    public void close() {
        closed = true;
        if (failure != null) {
            throw new AssertionError("a turn of the loop failed", failure);
        }
    }
}
