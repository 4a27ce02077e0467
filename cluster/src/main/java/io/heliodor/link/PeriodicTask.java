package io.heliodor.link;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/** A task that runs periodically: each run is scheduled when the one before has ended. */
final class PeriodicTask implements Time.Task {
    private final Time time;
    private final long period;
    private final Runnable task;

    @GuardedBy("this")
    private Time.@Nullable Task next;

    @GuardedBy("this")
    private boolean cancelled;

    PeriodicTask(Time time, long period, Runnable task) {
        this.time = time;
        this.period = period;
        this.task = task;
    }

    synchronized void next() {
        if (!cancelled) {
            next = time.after(period, this::run);
        }
    }

    private void run() {
        try {
            task.run();
        } finally {
            next();
        }
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        if (next != null) {
            next.cancel();
        }
    }
}
