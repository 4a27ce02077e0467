package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a kit, which moves only when it is advanced. The thread that advances it runs due tasks in order, and waits
 * after each step until the JVM is quiescent.
 */
final class VirtualClock {
    /** The start: not 0, so that a duration is not mistaken for a time. */
    static final long BEGIN = Duration.ofDays(1).toNanos();

    /** The longest step: no period of a node is shorter. */
    private static final long STEP = Duration.ofMillis(100).toNanos();

    private record Due(long at, long order, NodeTime of, Runnable task) implements Time.Task {
        @Override
        public void cancel() {
            of.cancelled(this);
        }
    }

    private final KitThreads.Rest rest;
    private final ReentrantLock advancing = new ReentrantLock();

    @GuardedBy("this")
    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));

    private volatile long now = BEGIN;

    @GuardedBy("this")
    private long order;

    VirtualClock(KitThreads.Rest rest) {
        this.rest = rest;
    }

    long now() {
        return now;
    }

    synchronized Time.Task set(NodeTime of, long nanos, Runnable task) {
        Due due = new Due(now + Math.max(0, nanos), order++, of, task);
        waiting.add(due);
        return due;
    }

    synchronized void unset(Time.Task task) {
        waiting.remove(task);
    }

    /** Cancels all tasks of a node. */
    synchronized void drop(NodeTime of) {
        waiting.removeIf(due -> due.of().equals(of));
    }

    /** Advances the clock. */
    void advance(Duration by) {
        advancing.lock();
        try {
            rest.await();
            long until = now + by.toNanos();
            do {
                step(until);
            } while (now < until || isDue());
        } finally {
            advancing.unlock();
        }
    }

    /** Advances to the next due task, a tenth of a second at most. */
    void step() {
        advancing.lock();
        try {
            step(now + STEP);
        } finally {
            advancing.unlock();
        }
    }

    void rest() {
        rest.await();
    }

    private synchronized boolean isDue() {
        Due next = waiting.peek();
        return next != null && next.at() <= now;
    }

    private void step(long until) {
        @Nullable RuntimeException failure = null;
        for (Due due : next(until)) {
            try {
                due.of().run(due.task());
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        rest.await();
        if (failure != null) {
            throw failure;
        }
    }

    private synchronized List<Due> next(long until) {
        Due first = waiting.peek();
        long at = Math.min(until, now + STEP);
        now = first == null ? at : Math.max(now, Math.min(at, first.at()));
        ArrayDeque<Due> due = new ArrayDeque<>();
        while (first != null && first.at() <= now) {
            due.add(waiting.remove());
            first = waiting.peek();
        }
        return new ArrayList<>(due);
    }
}
