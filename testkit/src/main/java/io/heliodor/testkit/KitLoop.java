package io.heliodor.testkit;

import io.heliodor.session.lane.Loop;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The event loop of a kit's only lane, one thread. Its tasks do not block, so waiting for it is short. */
final class KitLoop implements Loop, AutoCloseable {
    /** The timeout of a task, which only a fault of the kit exceeds. */
    private static final long PATIENCE = Duration.ofMinutes(1).toNanos();

    /** All loops of this JVM that are not closed: platform threads, which the scheduler of virtual threads does not count. */
    private static final Set<KitLoop> OPEN = ConcurrentHashMap.newKeySet();

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /**
     * The tasks that wait or run: the queue alone is empty while the last one runs. Scheduled ones are among them, since a lane looks
     * by them at a batch whose handlers put wake-ups off.
     */
    private final AtomicInteger pending = new AtomicInteger();

    /** How many tasks there were, without those that a thread waited for: examinations are among them. */
    private final AtomicLong wakes = new AtomicLong();

    private final KitThreads threads = KitThreads.current();
    private final Thread thread = threads.loop().name("heliodor-kit").unstarted(this::run);

    /** Only the thread uses it. */
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();

    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    private record Timer(long due, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            return Long.compare(due - other.due, 0);
        }
    }

    /** A batch for many clients, which shares no buffers. */
    record Messages(List<byte[]> messages) implements Shared {
        @Override
        public int bytes() {
            return messages.stream().mapToInt(message -> message.length).sum();
        }

        @Override
        public Messages range(int from, int to) {
            return new Messages(messages.subList(from, to));
        }

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    static KitLoop started() {
        KitLoop loop = new KitLoop();
        OPEN.add(loop);
        loop.thread.start();
        return loop;
    }

    /** Whether no loop of this JVM has a task, running or waiting. */
    static boolean areAllIdle() {
        return OPEN.stream().allMatch(loop -> loop.pending.get() == 0);
    }

    /** A count that changes whenever an idle loop becomes busy, but for {@link #ask}. */
    long wakes() {
        return wakes.get();
    }

    private void run() {
        while (!closed) {
            try {
                run(next());
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                failure = e;
            }
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            pending.decrementAndGet();
        }
    }

    /** Waits by parks only: a queue would measure the time of the machine, which a simulation replaces. */
    private Runnable next() throws InterruptedException {
        while (true) {
            Timer timer = timers.peek();
            long wait = timer == null ? 0 : timer.due() - threads.nanoTime();
            if (timer != null && wait <= 0) {
                wakes.incrementAndGet();
                return timers.remove().task(); // counted since it was scheduled
            }
            Runnable task = tasks.poll();
            if (task != null) {
                return task;
            }
            if (timer == null) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, wait);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread().equals(thread);
    }

    @Override
    public boolean execute(Runnable task) {
        wakes.incrementAndGet();
        return add(task);
    }

    private boolean add(Runnable task) {
        pending.incrementAndGet();
        boolean added = tasks.add(task);
        LockSupport.unpark(thread);
        return added;
    }

    @Override
    public void schedule(Runnable task, long nanos) {
        long due = threads.nanoTime() + nanos;
        pending.incrementAndGet();
        execute(() -> timers.add(new Timer(due, task)));
    }

    @Override
    public void afterTasks(Runnable task) {
        execute(task);
    }

    @Override
    public Shared share(List<byte[]> messages) {
        return new Messages(List.copyOf(messages));
    }

    /** Whether no task is waiting; on the loop. */
    boolean idle() {
        return tasks.isEmpty();
    }

    /** Runs work on the loop and waits for its result. */
    <T> T ask(Callable<T> work) {
        if (inEventLoop()) {
            throw new IllegalStateException("The loop of a kit cannot wait for itself.");
        }
        if (closed) {
            throw new IllegalStateException("The kit is closed.");
        }
        AwaitedTask<T> task = new AwaitedTask<>(threads, work);
        boolean _ = add(task);
        try {
            return task.await(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The thread of a test was interrupted while it used its kit.", e);
        } catch (ExecutionException e) {
            throw new AssertionError("The kit itself failed.", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("The loop of the kit hangs.", e);
        }
    }

    void perform(Runnable work) {
        boolean _ = ask(() -> {
            work.run();
            return true;
        });
    }

    /** Stops the thread and waits for its end. */
    @Override
    public void close() {
        closed = true;
        OPEN.remove(this);
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Throwable failed = failure;
        if (failed != null) {
            throw new AssertionError("A turn of the kit's loop failed.", failed);
        }
    }
}
