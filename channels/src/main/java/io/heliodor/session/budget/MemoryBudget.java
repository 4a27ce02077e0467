package io.heliodor.session.budget;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that the clients of one endpoint make it hold, with a limit. Any thread may use it.
 *
 * <p>From three quarters of the limit on it is <em>tight</em>: nothing new is let in. At the limit it is
 * <em>exhausted</em>: the connections that hold most are closed. See {@code docs/design/flow.md}.
 */
public final class MemoryBudget {
    /** The cost of a connection without channels: its objects in the session and the transport. */
    public static final long CONNECTION_BYTES = 2 << 10;

    /** The cost of the id of a connection: its entry among the connections by id. */
    public static final long ID_BYTES = 1 << 10;

    /** The cost of the trace of a connection, without the characters of its {@code tracestate}. */
    public static final long TRACE_BYTES = 256;

    /** The cost of a joined channel and of its share of a topic. */
    public static final long CHANNEL_BYTES = 2 << 10;

    /** The cost of a topic with a history, without its messages. */
    public static final long HISTORY_BYTES = 2_880;

    private final long limit;
    private final long tightAt;
    private final AtomicLong used = new AtomicLong();

    /** The part of it that other nodes own. */
    private final AtomicLong replicated = new AtomicLong();

    private final PartyShares shares = new PartyShares();

    /**
     * A budget of which nothing is used.
     *
     * @param limit in bytes
     */
    public MemoryBudget(long limit) {
        this.limit = limit;
        this.tightAt = limit - limit / 4;
    }

    /**
     * Takes bytes from the budget, whether or not they are there.
     *
     * @param bytes how many; negative to give bytes back
     */
    public void add(long bytes) {
        used.addAndGet(bytes);
    }

    /**
     * The bytes in use.
     *
     * @return bytes, to a precision of some KiB for each connection
     */
    public long used() {
        return used.get();
    }

    /**
     * Sets the bytes that are held for other nodes, which nothing here can free.
     *
     * @param bytes 0 or more
     */
    public void setReplicated(long bytes) {
        add(bytes - replicated.getAndSet(bytes));
    }

    /**
     * The bytes that are held for other nodes, a part of those in use.
     *
     * @return bytes, as of the last second or so
     */
    public long replicated() {
        return replicated.get();
    }

    /**
     * The shares of its parties, while it is short.
     *
     * @return the bytes of each party
     */
    public PartyShares shares() {
        return shares;
    }

    /**
     * The limit.
     *
     * @return bytes
     */
    public long limit() {
        return limit;
    }

    /**
     * Whether three quarters are in use.
     *
     * @return whether joins and connections are to be refused
     */
    public boolean tight() {
        return used.get() >= tightAt;
    }

    /**
     * Whether the budget is not tight with so many further bytes.
     *
     * @param bytes 0 or more
     * @return whether they are
     */
    public boolean hasRoom(long bytes) {
        return used.get() + bytes < tightAt;
    }

    /**
     * Whether all of it is in use.
     *
     * @return whether connections are to be closed
     */
    public boolean exhausted() {
        return used.get() >= limit;
    }

    /** The bytes to release until the budget is not tight any more; 0 if it is not tight. */
    public long excess() {
        return Math.max(0, used.get() - tightAt + 1);
    }
}
