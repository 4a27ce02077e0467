package io.heliodor.node;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that the states of a node live on. Tasks run one at a time, in the order in which they came; that time has
 * passed is one of them.
 *
 * <p>The number of tasks that peers cause is limited to {@link #MAX_INBOUND}. For more of them either a thread of the link
 * waits, which holds up that peer alone, or the task is dropped.
 */
final class NodeLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final int MAX_INBOUND = 10_000;

    private final Runnable tick;
    private final Runnable afterEach;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean ticking;
    private boolean resting;
    private boolean closed;

    /**
     * A loop that does not run yet.
     *
     * @param tick called when time has passed
     * @param afterEach called after each task
     */
    NodeLoop(String name, Runnable tick, Runnable afterEach) {
        this.tick = tick;
        this.afterEach = afterEach;
        this.thread = Thread.ofPlatform().name("heliodor " + name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private boolean inLoop() {
        return Thread.currentThread().equals(thread);
    }

    /** Adds a task of this node's own. False when the loop has ended: it will not run. */
    boolean execute(Runnable task) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            tasks.add(task);
            work.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a task that a peer caused; waits while too many wait. Not on the loop. */
    void submitInbound(Runnable task) {
        lock.lock();
        try {
            while (tasks.size() >= MAX_INBOUND && !closed) {
                room.awaitUninterruptibly();
            }
            if (!closed) {
                tasks.add(task);
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds a task that a peer caused, unless too many wait: then it is dropped. */
    void offerInbound(Runnable task) {
        lock.lock();
        try {
            if (tasks.size() < MAX_INBOUND && !closed) {
                tasks.add(task);
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

    /** The next task, or null at the end. */
    private @Nullable Runnable take() {
        lock.lock();
        try {
            while (tasks.isEmpty()) {
                if (closed) {
                    return null;
                }
                resting = true;
                // Nobody interrupts it on purpose, and it must go on.
                work.awaitUninterruptibly();
                resting = false;
            }
            if (tasks.size() <= MAX_INBOUND) {
                room.signal();
            }
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Time has passed. A loop that has not come to the last tick yet needs no other. */
    void tick() {
        lock.lock();
        try {
            if (!ticking) {
                ticking = execute(this::performTick);
            }
        } finally {
            lock.unlock();
        }
    }

    private void performTick() {
        lock.lock();
        try {
            ticking = false;
        } finally {
            lock.unlock();
        }
        tick.run();
    }

    /** Whether all that was to be done is done. */
    boolean isQuiescent() {
        lock.lock();
        try {
            return tasks.isEmpty() && (resting || closed);
        } finally {
            lock.unlock();
        }
    }

    private static void perform(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A task of the node's loop failed. The node lives on.", e);
        }
    }

    /** Runs what was added before, then ends. Waits for that, but on the loop. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            room.signalAll();
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
