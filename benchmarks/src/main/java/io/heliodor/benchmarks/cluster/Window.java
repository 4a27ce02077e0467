package io.heliodor.benchmarks.cluster;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The send window over the slowest receiver, so that no counted message is dropped. */
final class Window {
    private static final int MAX_MESSAGES = 8_192;
    private static final int MAX_BYTES = 2 << 20;
    private static final int LEAST_MESSAGES = 16;
    private static final long PATIENCE_SECONDS = 10;

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();

    /** The number of messages that each node has received. Guarded by the lock. */
    private final long[] received;

    private int trial;

    /** The first number that may not be sent yet. */
    private volatile long limit;

    Window(int nodes, int size) {
        this.most = of(size);
        this.received = new long[nodes];
    }

    /** The maximum of messages in flight, by size. */
    static int of(int size) {
        return Math.clamp(MAX_BYTES / size, LEAST_MESSAGES, MAX_MESSAGES);
    }

    /** Begins anew: only some nodes receive, those from the first on and before the last. */
    void begin(int trial, int first, int last) {
        lock.lock();
        try {
            this.trial = trial;
            Arrays.fill(received, Long.MAX_VALUE);
            Arrays.fill(received, first, last, 0);
            limit = most;
        } finally {
            lock.unlock();
        }
    }

    void received(MessageHeader note) {
        lock.lock();
        try {
            if (note.trial() == trial) {
                received[note.from()] = note.number();
                limit = Arrays.stream(received).min().orElse(0) + most;
                moved.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a message of that number may be sent. */
    void await(long number) throws InterruptedException, TimeoutException {
        if (number < limit) {
            return;
        }
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (number >= limit) {
                if (left <= 0) {
                    throw new TimeoutException("nothing was acknowledged for " + PATIENCE_SECONDS + " s: message "
                            + number + ", received " + Arrays.toString(received));
                }
                left = moved.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
