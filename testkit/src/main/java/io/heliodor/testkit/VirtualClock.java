package io.heliodor.testkit;

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
 * The clock of a kit: it stands still until somebody turns it. What is due is run by who turns it, in order, and then the
 * threads that it woke up come to rest before it goes on.
 */
final class VirtualClock {
    /** When it began: not 0, so that no difference is taken for a moment. */
    static final long BEGIN = Duration.ofDays(1).toNanos();

    /** The longest step; nothing in a node happens more often. */
    private static final long STEP = Duration.ofMillis(100).toNanos();

    private record Due(long at, long order, NodeTime of, Runnable task) implements Time.Task {
        @Override
        public void cancel() {
            of.cancelled(this);
        }
    }

    private final QuiescenceDetector rest;
    private final ReentrantLock turning = new ReentrantLock();

    /** Guarded by this. */
    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));

    private volatile long now = BEGIN;
    private long order;

    VirtualClock(QuiescenceDetector rest) {
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

    /** Drops all that was set for a node. */
    synchronized void drop(NodeTime of) {
        waiting.removeIf(due -> due.of().equals(of));
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Turns on, so far. */
    void advance(Duration by) {
        turning.lock();
        try {
            rest.await();
            long until = now + by.toNanos();
            do {
                step(until);
            } while (now < until || isDue());
        } finally {
            turning.unlock();
        }
    }

    /** Turns on to what is due next, a tenth of a second at most. */
    void step() {
        turning.lock();
        try {
            step(now + STEP);
        } finally {
            turning.unlock();
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
