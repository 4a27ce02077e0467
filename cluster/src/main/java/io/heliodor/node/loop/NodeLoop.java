package io.heliodor.node.loop;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.batch.WakeBatch;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.log.FailureLog;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single thread that runs the states of a node. Tasks run one at a time in the order of submission; a tick is one of
 * them.
 *
 * <p>Inbound tasks, which peers cause, are limited to {@link #MAX_INBOUND}. Beyond that the thread of the link waits, which
 * delays that peer alone, or the task is dropped.
 */
public final class NodeLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final int MAX_INBOUND = 10_000;

    private final Runnable tick;
    private final Runnable afterEach;
    private final Thread thread;
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition notFull = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    private final AtomicBoolean ticking = new AtomicBoolean();

    @GuardedBy("lock")
    private long added;

    @GuardedBy("lock")
    private boolean resting;

    @GuardedBy("lock")
    private boolean closed;

    /**
     * A loop that is not started.
     *
     * @param thread builds its thread
     * @param tick called at each tick
     * @param afterEach called after each task
     */
    public NodeLoop(String name, Thread.Builder thread, Runnable tick, Runnable afterEach) {
        this.tick = tick;
        this.afterEach = afterEach;
        this.thread = thread.name("heliodor " + name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private boolean inLoop() {
        return Thread.currentThread().equals(thread);
    }

    /** Adds a task of this node. Returns false if the loop is closed: the task will not run. */
    public boolean execute(Runnable task) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            tasks.add(task);
            added++;
            work.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A receiver of messages that are handled on this loop. It blocks while the limit of inbound tasks is reached. Not
     * called on the loop.
     */
    public <M extends Message> MessageRoutes.Receiver<M> receiver(BiConsumer<Peer, ? super M> handler) {
        return (from, message, _) -> submitInbound(() -> handler.accept(from, message));
    }

    private void submitInbound(Runnable task) {
        lock.lock();
        try {
            while (tasks.size() >= MAX_INBOUND && !closed) {
                WakeBatch.flush();
                notFull.awaitUninterruptibly();
            }
            if (!closed) {
                tasks.add(task);
                added++;
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds an inbound task, or drops it if the limit is reached. */
    public void offerInbound(Runnable task) {
        lock.lock();
        try {
            if (tasks.size() < MAX_INBOUND && !closed) {
                tasks.add(task);
                added++;
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (Runnable task = take(); task != null; task = take()) {
            perform(task);
            perform(afterEach);
        }
    }

    /** Waits for the next task. Null if the loop is closed. */
    private @Nullable Runnable take() {
        lock.lock();
        try {
            while (tasks.isEmpty()) {
                if (closed) {
                    return null;
                }
                resting = true;
                // An interrupt must not end the loop.
                work.awaitUninterruptibly();
                resting = false;
            }
            if (tasks.size() <= MAX_INBOUND) {
                notFull.signal();
            }
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a tick, unless the previous one still waits. */
    public void tick() {
        if (ticking.compareAndSet(false, true)) {
            boolean _ = execute(() -> {
                ticking.set(false);
                tick.run();
            });
        }
    }

    /** Whether no task is queued or runs. */
    public boolean isQuiescent() {
        lock.lock();
        try {
            return tasks.isEmpty() && (resting || closed);
        } finally {
            lock.unlock();
        }
    }

    /** How many tasks were added. */
    public long added() {
        lock.lock();
        try {
            return added;
        } finally {
            lock.unlock();
        }
    }

    private void perform(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failures.error("A task of the node's loop", e, () -> "failed. The node lives on.");
        }
    }

    /** Ends the loop after the tasks that were added before. Blocks until then, unless it is called on the loop. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
        if (inLoop() || !thread.isAlive()) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
