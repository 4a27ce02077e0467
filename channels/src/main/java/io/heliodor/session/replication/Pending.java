package io.heliodor.session.replication;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Work that waits for a thread. One thread at a time takes all of it together, and again what was added meanwhile. Any thread may use
 * it.
 */
final class Pending<T> {
    private final Set<T> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean running = new AtomicBoolean();
    private final Consumer<List<T>> task;

    Pending(Consumer<List<T>> task) {
        this.task = task;
    }

    void add(T work) {
        waiting.add(work);
        run();
    }

    private void run() {
        if (!waiting.isEmpty() && running.compareAndSet(false, true)) {
            HistoryThreads.start(() -> {
                try {
                    List<T> all = List.copyOf(waiting);
                    // Before the task: work may be added again while that runs.
                    all.forEach(waiting::remove);
                    task.accept(all);
                } finally {
                    running.set(false);
                    run();
                }
            });
        }
    }
}
