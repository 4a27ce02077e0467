package io.heliodor.process.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.ProcessorShare;
import io.heliodor.link.Time;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The entries that wait for one process. All state is guarded by the lock; no other code runs under it.
 *
 * @param <M> the type of the messages of the process
 */
final class Mailbox<M> {
    enum Put {
        DONE,
        /** The mailbox is full since this entry. */
        FULL_NOW,
        FULL,
        CLOSED
    }

    private final int capacity;
    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<MailboxEntry<M>> items = new ArrayDeque<>();

    /** Of the process, which takes. */
    private final ProcessorShare share = new ProcessorShare();

    @GuardedBy("lock")
    private boolean full;

    @GuardedBy("lock")
    private boolean ending;

    @GuardedBy("lock")
    private boolean closed;

    Mailbox(int capacity, Time time) {
        this.capacity = capacity;
        this.time = time;
    }

    Put put(MailboxEntry<M> item) {
        lock.lock();
        try {
            if (closed) {
                return Put.CLOSED;
            }
            if (items.size() >= capacity) {
                boolean before = full;
                full = true;
                return before ? Put.FULL : Put.FULL_NOW;
            }
            items.add(item);
            changed.signal();
            return Put.DONE;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a notification that the process requested. It has no capacity of its own: the requests are limited. */
    void putAlways(MailboxEntry<M> item) {
        lock.lock();
        try {
            if (!closed) {
                items.add(item);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    MailboxEntry<M> take() throws InterruptedException {
        share.step();
        lock.lockInterruptibly();
        try {
            while (items.isEmpty() && !ending) {
                changed.await();
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for an entry. Returns null after the timeout. */
    @Nullable
    MailboxEntry<M> poll(long nanos) throws InterruptedException {
        share.step();
        lock.lockInterruptibly();
        try {
            if (items.isEmpty() && !ending && nanos > 0) {
                awaitFor(nanos);
            }
            return items.isEmpty() && !ending ? null : next();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaitFor(long nanos) throws InterruptedException {
        boolean[] over = {false};
        Time.Task timer = time.after(nanos, () -> {
            lock.lock();
            try {
                over[0] = true;
                changed.signal();
            } finally {
                lock.unlock();
            }
        });
        try {
            while (items.isEmpty() && !ending && !over[0]) {
                changed.await();
            }
        } finally {
            timer.cancel();
        }
    }

    @GuardedBy("lock")
    private MailboxEntry<M> next() throws InterruptedException {
        if (ending) {
            throw new InterruptedException("The end of the process was requested.");
        }
        MailboxEntry<M> item = items.remove();
        if (items.isEmpty()) {
            full = false;
        }
        return item;
    }

    /** Ends taking: from now on it throws. */
    void end() {
        lock.lock();
        try {
            ending = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Drops all entries, and refuses new ones. */
    void close() {
        lock.lock();
        try {
            ending = true;
            closed = true;
            items.clear();
        } finally {
            lock.unlock();
        }
    }
}
