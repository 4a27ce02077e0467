package io.heliodor.transport.http;

import io.heliodor.transport.io.BlockingTasks;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Tasks on virtual threads, a few at a time. The addresses of clients take turns, so a client gets its turn however
 * many tasks wait for another address. Any thread may use it.
 */
final class FairTasks {
    private static final int MAX_WAITING_OF_ADDRESS = 256;

    /** With more, an address without a waiting task still gets one. */
    private static final int MAX_WAITING = 1_024;

    private static final int MAX_ADDRESSES = 4_096;

    private final int max;

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
        this.max = max;
    }

    /** Runs a task when it is its turn; false if too many wait. */
    synchronized boolean run(InetAddress client, Runnable task) {
        if (running < max) {
            running++;
            begin(task);
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
        BlockingTasks.start(() -> {
            try {
                task.run();
            } finally {
                next();
            }
        });
    }

    private synchronized void next() {
        Iterator<Map.Entry<InetAddress, Queue<Runnable>>> turns =
                waiting.entrySet().iterator();
        if (!turns.hasNext()) {
            running--;
            return;
        }
        Map.Entry<InetAddress, Queue<Runnable>> turn = turns.next();
        InetAddress address = turn.getKey();
        Queue<Runnable> tasks = turn.getValue();
        turns.remove();
        waitingCount--;
        begin(tasks.remove());
        if (!tasks.isEmpty()) {
            waiting.put(address, tasks);
        }
    }

    /** The number of tasks that wait. */
    synchronized int waiting() {
        return waitingCount;
    }
}
