package io.heliodor.session.lane;

import io.heliodor.batch.WakeBatch;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread that runs channels on the event loop, one after the other. When a handler blocks, the thread leaves the loop and
 * goes on in the pool with that channel alone, and another batch takes the rest.
 */
public final class LoopBatch {
    private static final StackTraceElement[] NO_STACK = {};
    private static final ScopedValue<LoopBatch> CURRENT = ScopedValue.newInstance();

    private final LoopScheduler scheduler;
    private final WakeBatch wakes = new WakeBatch();
    private final List<LoopTask> channels;
    private final AtomicInteger next;
    private final long deadline;

    /** Its thread; set before that runs. */
    private LoopThreads.@Nullable Started started;

    /** Written on the loop, and read by {@link LoopWatch} while a handler holds it. */
    private volatile @Nullable LoopTask current;

    /** Of the watch. */
    private boolean logged;

    // On the loop.

    private @Nullable Promotion handler;
    private long begin;
    private long end;

    /**
     * Some channels of a turn.
     *
     * @param scheduler measures their stays
     * @param channels those of the turn
     * @param next the index of the first one that no batch has taken
     * @param deadline when no further channel begins
     */
    LoopBatch(LoopScheduler scheduler, List<LoopTask> channels, AtomicInteger next, long deadline) {
        this.scheduler = scheduler;
        this.channels = channels;
        this.next = next;
        this.deadline = deadline;
        this.end = deadline - 1;
    }

    /** Runs channels until the deadline, or until one blocks. On the loop. */
    void run(LoopThreads threads) {
        LoopThreads.Started thread =
                threads.start(() -> ScopedValue.where(CURRENT, this).run(() -> wakes.during(this::work)));
        started = thread;
        try {
            thread.begin();
        } finally {
            try {
                ended();
            } finally {
                // A handler that has blocked wakes lanes and peers by each of its writes from now on.
                wakes.end();
            }
        }
    }

    private void work() {
        for (int i = next.getAndIncrement(); i < channels.size(); i = next.getAndIncrement()) {
            LoopTask channel = channels.get(i);
            current = channel;
            channel.runOnLoop(this);
            if (!isOnLoop() || !hasTime()) {
                return;
            }
        }
    }

    // On its thread.

    /**
     * Has a handler that is on an event loop leave it, as it is about to wait for that loop or another one. Returns true if it cannot,
     * because it is pinned to the loop by native code or by the initializer of a class.
     */
    @SuppressWarnings("ThreadPriorityCheck") // its effect is that the thread unmounts
    static boolean holdsLoop() {
        if (!CURRENT.isBound() || !CURRENT.get().isOnLoop()) {
            return false;
        }
        Thread.yield();
        return CURRENT.get().isOnLoop();
    }

    /** Whether the thread has not blocked yet. */
    public boolean isOnLoop() {
        return started != null && started.isOnLoop();
    }

    /** Whether another handler may begin, as of the end of the last one. On the loop. */
    public boolean hasTime() {
        return end - deadline < 0;
    }

    /** A handler begins. On the loop. */
    public void begins(Promotion promotion) {
        handler = promotion;
        begin = scheduler.now();
    }

    /** The handler has returned. On the loop. */
    public void ended() {
        Promotion ran = handler;
        if (ran != null) {
            handler = null;
            end = scheduler.now();
            scheduler.stayed(ran, end - begin, this);
        }
    }

    // Any thread.

    /** The handler that runs at this moment, for logs; empty if none does. */
    String running() {
        LoopTask task = current;
        return task == null ? "" : task.running();
    }

    StackTraceElement[] stack() {
        LoopThreads.Started thread = started;
        return thread == null ? NO_STACK : thread.stack();
    }

    /** Whether it was called before. On the watch's thread. */
    boolean wasLogged() {
        boolean before = logged;
        logged = true;
        return before;
    }
}
