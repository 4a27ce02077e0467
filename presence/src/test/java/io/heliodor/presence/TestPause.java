package io.heliodor.presence;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Windows that last until a test ends them. */
final class TestPause implements Pause {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int waiting;
    private long ended;

    @Override
    public void pass() {
        lock.lock();
        try {
            long mine = ended;
            waiting++;
            changed.signalAll();
            while (ended == mine) {
                changed.awaitUninterruptibly();
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
