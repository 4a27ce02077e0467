package io.heliodor.link;

import io.heliodor.link.Link.Sent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits in one session, up to a bound. Filled by any thread, emptied by one at a time. When an envelope found no room
 * and its sender insisted, the queue is shut in the same step: nothing may follow what is missing.
 */
final class Outbox {
    /** What an envelope costs beside its bytes, so that empty ones are bounded too. */
    private static final int EACH = 32;

    /** After which time without room (10 ms) those who came later have to wait. */
    private static final long STARVES = 10_000_000;

    private enum State {
        /** Nobody was told of the session yet. */
        NEW,
        OPEN,
        SHUT
    }

    private final long session;
    private final long acceptance;
    private final int capacity;
    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private State state = State.NEW;

    /** Of what waits, and of what was taken and is not sent. */
    private long cost;

    private long taken;
    private int starving;

    Outbox(long session, long acceptance, int capacity, Time time) {
        this.session = session;
        this.acceptance = acceptance;
        this.capacity = capacity;
        this.time = time;
    }

    long session() {
        return session;
    }

    long acceptance() {
        return acceptance;
    }

    void open() {
        lock.lock();
        try {
            if (state == State.NEW) {
                state = State.OPEN;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits, and lets go who waits for room. */
    void shut() {
        lock.lock();
        try {
            state = State.SHUT;
            waiting.clear();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@code insist} says that the queue is to be shut when there is no room. */
    Sent add(byte[] envelope, boolean insist) {
        lock.lock();
        try {
            return put(envelope, insist);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for room, and shuts the queue when none came. */
    Sent add(byte[] envelope, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (nanos > 0 && state == State.OPEN && (full(envelope) || starving > 0)) {
                awaitRoom(envelope, nanos);
            }
            return put(envelope, true);
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(byte[] envelope, long nanos) throws InterruptedException {
        long begin = time.nanos();
        boolean starves = false;
        Time.Task limit = time.after(nanos, this::wake);
        try {
            long waited = 0;
            while (waited < nanos && state == State.OPEN && (full(envelope) || (starving > 0 && !starves))) {
                room.await();
                waited = time.nanos() - begin;
                // Who just came finds the lock free more often than who has to be woken up.
                if (!starves && waited > STARVES) {
                    starves = true;
                    starving++;
                }
            }
        } finally {
            limit.cancel();
            if (starves && --starving == 0) {
                room.signalAll();
            }
        }
    }

    private void wake() {
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean full(byte[] envelope) {
        // One that is larger than the queue must be able to pass, alone.
        return cost > 0 && cost + EACH + envelope.length > capacity;
    }

    private Sent put(byte[] envelope, boolean insist) {
        if (state != State.OPEN) {
            return Sent.NO_SESSION;
        }
        if (full(envelope)) {
            if (insist) {
                shut();
            }
            return Sent.FULL;
        }
        waiting.add(envelope);
        cost += EACH + envelope.length;
        return Sent.QUEUED;
    }

    boolean waits() {
        lock.lock();
        try {
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Moves the first envelopes, up to so many bytes but at least one, into the batch. Returns whether there were any. */
    boolean take(List<byte[]> batch, int most) {
        lock.lock();
        try {
            int size = 0;
            for (byte[] next = waiting.peek();
                    next != null && (batch.isEmpty() || size + next.length <= most);
                    next = waiting.peek()) {
                size += next.length;
                taken += EACH + next.length;
                batch.add(waiting.remove());
            }
            return !batch.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** What was taken is on its way. */
    void sent() {
        lock.lock();
        try {
            long before = cost;
            cost -= taken;
            taken = 0;
            // Waking everybody for each batch would have them all wait again but one.
            if (cost == 0 || (cost <= capacity / 2 && before > capacity / 2)) {
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
