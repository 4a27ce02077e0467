package io.heliodor.presence;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Windows that last until a test ends them. */
final class TestPause implements Pause {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int waiting;
    private long ended;

    @Override
    public void pass() {
        pass(() -> false);
    }

    /** Returns early if the thread is interrupted and that is so. */
    void pass(BooleanSupplier over) {
        lock.lock();
        try {
            long mine = ended;
            waiting++;
            changed.signalAll();
            while (ended == mine && !over.getAsBoolean()) {
                try {
                    changed.await();
                } catch (InterruptedException e) {
                    // It may be over.
                }
            }
            if (ended == mine) {
                waiting--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the windows that are open. */
    void end() {
        lock.lock();
        try {
            ended++;
            waiting = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }
}
