package io.heliodor.benchmarks;

import java.util.Arrays;

/**
 * The numbered messages in flight to the same members, and the progress of each member.
 *
 * <p>A broadcast has landed when all members have it; a request (one member) when it was answered. The server keeps the
 * order of a topic, so a member needs only the number that it waits for: a later one means that those between are lost,
 * an earlier one that it was repeated or came out of order. It has no clock and no thread: times are parameters.
 */
final class InFlightMessages {
    /** Returned by {@link #arrive} for a message that this member cannot be waiting for. */
    static final long UNKNOWN = Long.MIN_VALUE;

    private static final long ABSENT = Long.MAX_VALUE;

    private final int window;
    private final int slotMask;
    private final long[] launchedAt;
    private final int[] waiting;
    private final long[] next;

    private int members;
    private long oldest = 1;
    private long newest;
    private long due;
    private long arrived;

    /**
     * @param window the maximum of messages in flight, 1 or more
     * @param capacity the most members
     */
    InFlightMessages(int window, int capacity) {
        this.window = window;
        int slots = Integer.highestOneBit(Math.max(1, 2 * window - 1));
        slotMask = slots - 1;
        launchedAt = new long[slots];
        waiting = new int[slots];
        next = new long[capacity];
        Arrays.fill(next, ABSENT);
    }

    /** Makes a member wait for the messages launched from now on. */
    void join(int member) {
        next[member] = newest + 1;
        members++;
    }

    /** Forgets a member and what it still waits for. */
    void leave(int member) {
        if (next[member] == ABSENT) {
            return;
        }
        for (long n = next[member]; n <= newest; n++) {
            due--;
            land(n);
        }
        next[member] = ABSENT;
        members--;
    }

    boolean full() {
        return newest - oldest + 1 >= window;
    }

    /** Numbers a new message; the caller sends it. Not allowed when {@link #full}. */
    long launch(long at) {
        if (full()) {
            throw new IllegalStateException(window + " messages are in flight already; launch when one has landed");
        }
        newest++;
        launchedAt[slot(newest)] = at;
        waiting[slot(newest)] = members;
        due += members;
        landed();
        return newest;
    }

    /** Counts message {@code n} for a member; returns when it was launched, or {@link #UNKNOWN}. */
    long arrive(int member, long n) {
        long expected = next[member];
        if (n < expected || n > newest) {
            return UNKNOWN;
        }
        for (long lost = expected; lost < n; lost++) {
            land(lost);
        }
        next[member] = n + 1;
        arrived++;
        long at = launchedAt[slot(n)];
        land(n);
        return at;
    }

    private void land(long n) {
        if (--waiting[slot(n)] == 0) {
            landed();
        }
    }

    private void landed() {
        while (oldest <= newest && waiting[slot(oldest)] == 0) {
            oldest++;
        }
    }

    private int slot(long n) {
        return (int) n & slotMask;
    }

    int members() {
        return members;
    }

    boolean allLanded() {
        return oldest > newest;
    }

    /** Arrivals that the members were or are owed. */
    long due() {
        return due;
    }

    long arrived() {
        return arrived;
    }
}
