package io.heliodor.transport.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.log.FailureLog;
import io.heliodor.session.budget.PartyShares;
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

    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final int max;

    /** Starts a task on a thread of its own. */
    private final Consumer<Runnable> threads;

    /** The waiting tasks; the address whose turn is next comes first. */
    @GuardedBy("this")
    private final Map<InetAddress, Queue<Task>> waiting = new LinkedHashMap<>();

    @GuardedBy("this")
    private int running;

    @GuardedBy("this")
    private int waitingCount;

    /** One task. It is equal to itself alone. */
    interface Task {
        /** Does its work, on a thread of its own. */
        void work();

        /** It will not work: too many wait, or no thread can be started for it. Called once, by any thread. */
        void refused();

        /**
         * Runs the start of the next task in a later turn of an event loop; at once if that has ended.
         *
         * <p>A virtual thread that is started by a virtual one goes into a queue of that one's processor, which the scheduler
         * of the JDK serves until it is empty: the handlers of channels would wait until no task waits.
         */
        void inLaterTurn(Runnable next);
    }

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

    /** Runs a task when it is its turn, or refuses it. Throws if a thread is free, and cannot be started. */
    void run(InetAddress client, Task task) {
        if (!accept(client, task)) {
            task.refused();
        }
    }

    private synchronized boolean accept(InetAddress client, Task task) {
        if (running < max) {
            begin(task);
            // Not before: a task whose thread cannot be started does not run.
            running++;
            return true;
        }
        InetAddress address = PartyShares.network(client);
        Queue<Task> own = waiting.get(address);
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
    synchronized boolean remove(InetAddress client, Task task) {
        InetAddress address = PartyShares.network(client);
        Queue<Task> own = waiting.get(address);
        if (own == null || !own.remove(task)) {
            return false;
        }
        waitingCount--;
        if (own.isEmpty()) {
            waiting.remove(address);
        }
        return true;
    }

    private void begin(Task task) {
        threads.accept(() -> {
            try {
                task.work();
            } finally {
                task.inLaterTurn(this::next);
            }
        });
    }

    /** Begins the next task. */
    private void next() {
        for (Task task = takeNext(); task != null; task = takeNext()) {
            try {
                begin(task);
                return;
            } catch (Throwable e) {
                failures.error("No thread", e, () -> "could be started for a request, which is refused.");
                task.refused();
            }
        }
    }

    /** Removes the task whose turn it is; null if none waits. */
    private synchronized @Nullable Task takeNext() {
        Iterator<Map.Entry<InetAddress, Queue<Task>>> turns = waiting.entrySet().iterator();
        if (!turns.hasNext()) {
            running--;
            return null;
        }
        Map.Entry<InetAddress, Queue<Task>> turn = turns.next();
        InetAddress address = turn.getKey();
        Queue<Task> tasks = turn.getValue();
        turns.remove();
        waitingCount--;
        Task task = tasks.remove();
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
