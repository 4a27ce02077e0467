package io.heliodor.client.session;

import java.util.Comparator;
import java.util.TreeSet;

/** The time, and the tasks that are due at later times. Cancelled ones take no memory. */
final class Timers {
    /** A scheduled task. */
    static final class Timer {
        private final long at;
        private final long number;
        private final Runnable task;

        private Timer(long at, long number, Runnable task) {
            this.at = at;
            this.number = number;
            this.task = task;
        }
    }

    private final TreeSet<Timer> timers =
            new TreeSet<>(Comparator.<Timer>comparingLong(timer -> timer.at).thenComparingLong(timer -> timer.number));
    private long scheduled;
    private long now = Long.MIN_VALUE;

    /** The last time to which {@link #advance} came. */
    long now() {
        return now;
    }

    Timer schedule(long at, Runnable task) {
        Timer timer = new Timer(at, scheduled++, task);
        timers.add(timer);
        return timer;
    }

    void cancel(Timer timer) {
        timers.remove(timer);
    }

    /** Runs the tasks that are due at a time, in the order of their times. The time does not decrease. */
    void advance(long time) {
        now = Math.max(now, time);
        while (!timers.isEmpty() && timers.first().at <= now) {
            timers.pollFirst().task.run();
        }
    }

    /** The time of the next task; {@link Long#MAX_VALUE} if there is none. */
    long next() {
        return timers.isEmpty() ? Long.MAX_VALUE : timers.first().at;
    }

    int size() {
        return timers.size();
    }
}
