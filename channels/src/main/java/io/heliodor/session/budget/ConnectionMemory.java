package io.heliodor.session.budget;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The heap that one client makes its endpoint hold: frames that wait for handlers or are being handled, messages that wait
 * for its socket, a message of which not all has come. Any thread may use it.
 *
 * <p>The budget of the endpoint follows in steps of 4 KiB, so that small traffic does not touch what all connections share, and
 * exactly at each sweep that looks at the connection, and with each presence.
 */
public final class ConnectionMemory {
    private static final long STEP = 4 << 10;

    // Fields instead of AtomicLong objects: each connection has them.
    private static final AtomicLongFieldUpdater<ConnectionMemory> HELD =
            AtomicLongFieldUpdater.newUpdater(ConnectionMemory.class, "held");
    private static final AtomicLongFieldUpdater<ConnectionMemory> PRESENCES =
            AtomicLongFieldUpdater.newUpdater(ConnectionMemory.class, "presences");
    private static final AtomicLongFieldUpdater<ConnectionMemory> DECODED =
            AtomicLongFieldUpdater.newUpdater(ConnectionMemory.class, "decoded");
    private static final AtomicLongFieldUpdater<ConnectionMemory> RESERVED =
            AtomicLongFieldUpdater.newUpdater(ConnectionMemory.class, "reserved");

    private final MemoryBudget budget;
    private volatile long held;

    /** The part of it that presences take. */
    private volatile long presences;

    /** The part of it that decoded payloads take, beyond the bytes of their frames. */
    private volatile long decoded;

    /** The part of it that was read from the socket and not handled. Written on the lane's thread alone. */
    private volatile long unread;

    /** The bytes that the budget has counted. Each change is an exchange, so the sum of the budget is exact after any race. */
    private volatile long reserved;

    private volatile boolean ended;

    public ConnectionMemory(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * Counts bytes that are held from now on.
     *
     * @param bytes how many
     * @return the bytes held now
     */
    public long add(long bytes) {
        long now = HELD.addAndGet(this, bytes);
        if (now > reserved + STEP) {
            settle();
        }
        return now;
    }

    /**
     * Counts bytes that are held no more.
     *
     * @param bytes how many
     */
    public void release(long bytes) {
        long now = HELD.addAndGet(this, -bytes);
        // The last bytes of what a sweep has counted: if the connection rests, no other sweep comes soon.
        if (ended || (now < reserved && now <= presences + decoded)) {
            settleExactly();
        } else if (now < reserved - 4 * STEP) {
            settle();
        }
    }

    /**
     * Counts heap that presences take, unless they take too much then.
     *
     * @return whether it is counted
     */
    public boolean addPresence(long bytes, long limit) {
        if (PRESENCES.addAndGet(this, bytes) > limit) {
            PRESENCES.addAndGet(this, -bytes);
            return false;
        }
        add(bytes);
        settleExactly(); // any thread may track one while no sweep looks at the connection
        return true;
    }

    public void releasePresence(long bytes) {
        PRESENCES.addAndGet(this, -bytes);
        release(bytes);
        settleExactly();
    }

    /**
     * Counts heap that a decoded payload takes beyond the bytes of its frame. It makes no client paused: a large payload in a
     * handler that takes its time is not a client that sends too fast.
     */
    public void addDecoded(long bytes) {
        if (bytes != 0) {
            DECODED.addAndGet(this, bytes);
            add(bytes);
        }
    }

    public void releaseDecoded(long bytes) {
        if (bytes != 0) {
            DECODED.addAndGet(this, -bytes);
            release(bytes);
        }
    }

    /**
     * Sets how many bytes are held that were read from the socket before the client was stopped. On the lane's thread.
     *
     * @param bytes how many
     */
    public void unread(long bytes) {
        long change = bytes - unread;
        if (change == 0) {
            return; // as at nearly each read: no volatile write
        }
        unread = bytes;
        if (change > 0) {
            add(change);
        } else {
            release(-change);
        }
    }

    /** The bytes that are held and were read from the socket before the client was stopped. */
    public long unread() {
        return unread;
    }

    /**
     * The bytes for which a client is paused. Not those of presences, which stay, and of decoded payloads; and not those that
     * only reading frees, or the client would stay paused.
     */
    public long transientBytes() {
        return held - presences - decoded - unread;
    }

    /** The connection has ended: each release reaches the budget from now on. */
    public void end() {
        ended = true;
        settleExactly();
    }

    /** Brings the budget up to date, except for less than a step. */
    public void settle() {
        settle(STEP);
    }

    /** Brings the budget up to date to the byte: of memory that is held for long, none is left out. */
    public void settleExactly() {
        if (held != reserved) {
            settle(1);
        }
    }

    private void settle(long least) {
        long now;
        do {
            now = held;
            long target = now < least ? 0 : now;
            budget.add(target - RESERVED.getAndSet(this, target));
            // Another thread may have settled a newer figure in between, which this one has just overwritten.
        } while (held != now);
    }

    /**
     * The bytes held now.
     *
     * @return bytes
     */
    public long held() {
        return held;
    }
}
