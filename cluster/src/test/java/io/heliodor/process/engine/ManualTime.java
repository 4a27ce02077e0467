package io.heliodor.process.engine;

import io.heliodor.link.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Time that stands still until a test moves it. */
public final class ManualTime implements Time {
    private record Due(long at, long order, Runnable task) {}

    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
    private long now = 1_000;
    private long order;

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized Task after(long nanos, Runnable task) {
        Due due = new Due(now + nanos, order++, task);
        waiting.add(due);
        return () -> {
            synchronized (this) {
                waiting.remove(due);
            }
        };
    }

    /** The number of tasks that wait for their time. */
    public synchronized int waiting() {
        return waiting.size();
    }

    @Override
    public synchronized void close() {
        waiting.clear();
    }

    /** Advances the time, and runs the due tasks on this thread. */
    public void advance(Duration by) {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            now += by.toNanos();
            while (!waiting.isEmpty() && waiting.peek().at() <= now) {
                due.add(waiting.remove().task());
            }
        }
        due.forEach(Runnable::run);
    }
}
