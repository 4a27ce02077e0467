package io.heliodor.client.session;

import java.util.Comparator;
import java.util.TreeSet;

/** The tasks that are due at later times. Cancelled ones take no memory. */
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

    Timer schedule(long at, Runnable task) {
        Timer timer = new Timer(at, scheduled++, task);
        timers.add(timer);
        return timer;
    }

    void cancel(Timer timer) {
        timers.remove(timer);
    }

    /** Runs the tasks that are due, in the order of their times. */
    void run(long now) {
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
