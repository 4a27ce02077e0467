package io.heliodor.session.lane;

import io.heliodor.session.telemetry.Counters;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A loop whose tasks wait until an actor runs them by {@link #pass}. Its timers never fire. */
public final class LoopTasks implements Loop {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> after = new ArrayDeque<>();

    /** A lane on this loop. */
    public Lane lane() {
        return lane(Optional.empty());
    }

    Lane lane(Optional<LoopHandlers> handlers) {
        return new Lane(this, new Counters().traffic(), () -> false, () -> {}, handlers);
    }

    /** Runs all tasks, then those for the end of the pass. Returns false if there were none. One thread at a time. */
    public boolean pass() {
        boolean any = run(tasks);
        return run(after) || any;
    }

    /** Runs passes until no task is left. */
    public void runAll() {
        boolean more = true;
        while (more) {
            more = pass();
        }
    }

    private static boolean run(Queue<Runnable> queue) {
        boolean any = false;
        for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
            any = true;
            task.run();
        }
        return any;
    }

    int waiting() {
        return tasks.size();
    }

    @Override
    public boolean inEventLoop() {
        return false;
    }

    @Override
    public boolean execute(Runnable task) {
        return tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long nanos) {}

    @Override
    public void afterTasks(Runnable task) {
        after.add(task);
    }

    @Override
    public Shared share(List<byte[]> messages) {
        throw new UnsupportedOperationException();
    }
}
