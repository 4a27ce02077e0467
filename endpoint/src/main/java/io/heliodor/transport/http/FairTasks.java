package io.heliodor.transport.http;

import io.heliodor.transport.io.BlockingTasks;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks on virtual threads, a few at a time. The addresses of clients take turns, so a client gets its turn however
 * many tasks wait for another address. Any thread may use it.
 */
final class FairTasks {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final int MAX_WAITING_OF_ADDRESS = 256;

    /** With more, an address without a waiting task still gets one. */
    private static final int MAX_WAITING = 1_024;

    private static final int MAX_ADDRESSES = 4_096;

    private final int max;

    /** Starts a task on a thread of its own. */
    private final Consumer<Runnable> threads;

    /** The waiting tasks; the address whose turn is next comes first. */
    private final Map<InetAddress, Queue<Runnable>> waiting = new LinkedHashMap<>();

    private int running;
    private int waitingCount;

    /**
     * No tasks.
     *
     * @param max the maximum of tasks at a time
     */
    FairTasks(int max) {
        this(max, BlockingTasks::start);
    }

    FairTasks(int max, Consumer<Runnable> threads) {
        this.max = max;
        this.threads = threads;
    }

    /** Runs a task when it is its turn; false if too many wait. Throws if a thread is free, and cannot be started. */
    synchronized boolean run(InetAddress client, Runnable task) {
        if (running < max) {
            begin(task);
            // Not before: a task whose thread cannot be started does not run.
            running++;
            return true;
        }
        InetAddress address = ConnectionPermits.network(client);
        Queue<Runnable> own = waiting.get(address);
        if (own == null) {
            if (waiting.size() >= MAX_ADDRESSES) {
                return false;
            }
            own = new ArrayDeque<>(1);
            waiting.put(address, own);
        } else if (own.size() >= MAX_WAITING_OF_ADDRESS || waitingCount >= MAX_WAITING) {
            return false;
        }
        waitingCount++;
        return own.add(task);
    }

    /** Removes a task that waits; false if it has begun. */
    synchronized boolean remove(InetAddress client, Runnable task) {
        InetAddress address = ConnectionPermits.network(client);
        Queue<Runnable> own = waiting.get(address);
        if (own == null || !own.remove(task)) {
            return false;
        }
        waitingCount--;
        if (own.isEmpty()) {
            waiting.remove(address);
        }
        return true;
    }

    private void begin(Runnable task) {
        threads.accept(() -> {
            try {
                task.run();
            } finally {
                next();
            }
        });
    }

    /** Begins the next task. If no thread can be started for it, it runs on the calling thread, which has ended its own. */
    private void next() {
        for (Runnable task = takeNext(); task != null; task = takeNext()) {
            try {
                begin(task);
                return;
            } catch (Throwable e) {
                LOG.warn("No thread could be started for a request, which is served on that of another one.", e);
                runHere(task);
            }
        }
    }

    private static void runHere(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.error("A request failed.", e);
        }
    }

    /** Removes the task whose turn it is; null if none waits. */
    private synchronized @Nullable Runnable takeNext() {
        Iterator<Map.Entry<InetAddress, Queue<Runnable>>> turns =
                waiting.entrySet().iterator();
        if (!turns.hasNext()) {
            running--;
            return null;
        }
        Map.Entry<InetAddress, Queue<Runnable>> turn = turns.next();
        InetAddress address = turn.getKey();
        Queue<Runnable> tasks = turn.getValue();
        turns.remove();
        waitingCount--;
        Runnable task = tasks.remove();
        if (!tasks.isEmpty()) {
            waiting.put(address, tasks);
        }
        return task;
    }

    /** The number of tasks that wait. */
    synchronized int waiting() {
        return waitingCount;
    }
}
