package io.heliodor.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The callbacks that wait, in order. One task at a time runs them on the executor. Only the loop adds; the number is bounded by the frames
 * that it requests.
 */
final class Callbacks {
    /** Receives what has run. */
    interface Listener {
        void done(int number, long bytes);

        void rejected(RejectedExecutionException failure);
    }

    private record Callback(Runnable task, int size) {}

    private final Executor executor;

    /** After so many callbacks their room is given back, also while further ones wait. */
    private final int reported;

    private final Listener listener;
    private final ArrayDeque<Callback> waiting = new ArrayDeque<>();

    @GuardedBy("waiting")
    private boolean isRunning;

    Callbacks(Executor executor, int reported, Listener listener) {
        this.executor = executor;
        this.reported = reported;
        this.listener = listener;
    }

    void add(Runnable task, int size) {
        synchronized (waiting) {
            waiting.add(new Callback(task, size));
            if (isRunning) {
                return;
            }
            isRunning = true;
        }
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            listener.rejected(e);
        }
    }

    private void run() {
        int number = 0;
        long bytes = 0;
        while (true) {
            Callback next;
            synchronized (waiting) {
                next = waiting.poll();
                if (next == null) {
                    isRunning = false;
                    break;
                }
            }
            next.task.run();
            number++;
            bytes += next.size;
            if (number == reported) {
                listener.done(number, bytes);
                number = 0;
                bytes = 0;
            }
        }
        listener.done(number, bytes);
    }
}
