package io.heliodor.session.lane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue of entries with many producers and one consumer: Vyukov's intrusive queue, without a lock and without a node for
 * each entry. It is bounded in bytes: producers that may block wait while the bound is exceeded; the loop never does.
 */
@SuppressWarnings("ReferenceEquality") // an entry is equal to itself alone
public final class LaneQueue {
    /** Keeps a busy loop supplied; a larger bound would cost memory and gain nothing. */
    private static final long MAX_BYTES = 8L << 20;

    private static final VarHandle TAIL;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(LaneQueue.class, "tail", Entry.class);
            NEXT = lookup.findVarHandle(Entry.class, "next", Entry.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Entry stub = new Stub();

    @SuppressWarnings("unused") // through TAIL
    private volatile Entry tail = stub;

    private Entry head = stub;
    private final AtomicLong bytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notFull = lock.newCondition();
    private final AtomicInteger waiting = new AtomicInteger();

    /** The mark that an empty queue holds. */
    private static final class Stub extends Entry {
        @Override
        public void perform() {
            throw new AssertionError("the queue gave out its mark");
        }
    }

    /** Adds an entry. Never blocks. */
    public void add(Entry entry) {
        int size = entry.bytes();
        if (size > 0) {
            bytes.getAndAdd(size);
        }
        link(entry);
    }

    private void link(Entry entry) {
        Entry before = (Entry) TAIL.getAndSet(this, entry);
        before.next = entry;
    }

    /**
     * Blocks until there is room. Not for the loop's thread.
     *
     * <p>An interrupted thread does not wait: a handler is interrupted so that it ends soon.
     */
    public void awaitRoom() {
        if (bytes.get() <= MAX_BYTES) {
            return;
        }
        lock.lock();
        try {
            waiting.incrementAndGet();
            while (bytes.get() > MAX_BYTES) {
                notFull.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }

    /** Removes the oldest entry; null if there is none. An entry that is not linked yet is not seen. On the loop. */
    @Nullable
    public Entry poll() {
        Entry first = head;
        Entry second = first.next;
        if (first == stub) {
            if (second == null) {
                return null;
            }
            head = second;
            first = second;
            second = second.next;
        }
        if (second != null) {
            head = second;
            return taken(first);
        }
        if (first != tail) {
            return null;
        }
        stub.next = null;
        link(stub);
        second = first.next;
        if (second != null) {
            head = second;
            return taken(first);
        }
        return null;
    }

    private Entry taken(Entry entry) {
        // An entry in the old generation would otherwise keep every later one alive until that is collected.
        NEXT.set(entry, null);
        int size = entry.bytes();
        if (size > 0 && bytes.addAndGet(-size) <= MAX_BYTES && waiting.get() > 0) {
            lock.lock();
            try {
                notFull.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return entry;
    }

    /** The bytes of the entries in the queue. */
    long bytes() {
        return bytes.get();
    }

    /** Whether it has no entry, and none is about to be linked. On the loop. */
    boolean isEmpty() {
        return head == stub && tail == stub;
    }

    /** Whether the bound is exceeded, so that a producer that may block should wait. */
    public boolean full() {
        return bytes.get() > MAX_BYTES;
    }
}
