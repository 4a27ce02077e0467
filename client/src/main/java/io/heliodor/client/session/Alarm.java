package io.heliodor.client.session;

import org.jspecify.annotations.Nullable;

/** A task that is scheduled at most once at a time. */
final class Alarm {
    private final Timers timers;
    private final Runnable task;
    private Timers.@Nullable Timer timer;

    Alarm(Timers timers, Runnable task) {
        this.timers = timers;
        this.task = task;
    }

    /** Schedules the task, in the place of an earlier time. */
    void set(long at) {
        clear();
        timer = timers.schedule(at, () -> {
            timer = null;
            task.run();
        });
    }

    void clear() {
        if (timer != null) {
            timers.cancel(timer);
            timer = null;
        }
    }

    boolean isSet() {
        return timer != null;
    }
}
