package io.heliodor.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Many producers, one consumer, without a lock and without a node for each entry (Vyukov's intrusive queue). Bounded in
 * bytes: a producer that may wait does so while the bound is passed; the loop itself never waits.
 */
final class LaneQueue {
    /** Enough for a loop that is busy writing; a publisher that is further ahead only heaps up memory. */
    private static final long MOST_BYTES = 8L << 20;

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

    private final Entry stub = new Entry.Stub();

    @SuppressWarnings("unused") // through TAIL
    private volatile Entry tail = stub;

    private Entry head = stub;
    private final AtomicLong bytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Adds an entry; never waits. */
    void add(Entry entry) {
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
     * Waits until there is room. Not for the loop's thread.
     *
     * <p>An interrupted thread does not wait: whoever interrupts a handler wants it to end soon.
     */
    void awaitRoom() {
        if (bytes.get() <= MOST_BYTES) {
            return;
        }
        lock.lock();
        try {
            waiting.incrementAndGet();
            while (bytes.get() > MOST_BYTES) {
                room.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }

    /** Takes the oldest entry; for the loop alone. An entry whose producer is half-way counts as not there yet. */
    @Nullable
    Entry poll() {
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
        if (size > 0 && bytes.addAndGet(-size) <= MOST_BYTES && waiting.get() > 0) {
            lock.lock();
            try {
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return entry;
    }

    /** How many bytes wait. */
    long bytes() {
        return bytes.get();
    }

    /** Whether nothing is in it, nor half-way into it; for the loop alone. */
    @SuppressWarnings("ReferenceEquality") // the mark stands for itself
    boolean isEmpty() {
        return head == stub && tail == stub;
    }

    /** Whether a producer that may wait should. */
    boolean full() {
        return bytes.get() > MOST_BYTES;
    }
}
