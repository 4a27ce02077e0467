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
 * A loop without a network. By hand, its thread is the test's own, and nothing moves but while the test waits for
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
    public void execute(Runnable task) {
        Runnable hook = inEventLoop() ? null : onceWoken.getAndSet(null);
        if (hook != null) {
            hook.run();
        }
        tasks.add(task);
    }

    /** Does something when another thread next wakes the loop: on that thread, before the loop knows. */
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

    /** Each buffer asks whether it cannot be allocated. */
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

    /** Does something on the loop's thread and waits for its end. */
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

    /** Runs what is queued at this moment; what that adds waits. */
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

    /** By hand, runs what there is to run; waits a moment if that is nothing. */
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
            throw new AssertionError("somebody interrupted a loop", e);
        } catch (Throwable e) {
            if (byHand) {
                throw e;
            }
            failure = e;
        }
    }

    /** Whether nothing waits to be run. */
    boolean idle() {
        return tasks.isEmpty();
    }

    /** Buffers that were not given back. */
    int buffers() {
        return buffers.get();
    }

    /** How large the buffers are that were not given back. */
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
