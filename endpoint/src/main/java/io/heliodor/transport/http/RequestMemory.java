package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import org.jspecify.annotations.Nullable;

/**
 * The heap that one HTTP connection holds, as the budget of the endpoint counts it: its handlers, the head of its current
 * request, and bytes that wait behind it. Used on the loop of the connection. See {@code docs/design/memory.md}.
 */
final class RequestMemory {
    /** The handlers of HTTP, which a WebSocket does not have. */
    static final int HANDLER_BYTES = 2_560;

    /** The heap of a decoded head, in multiples of its bytes. */
    private static final int HEAP_PER_BYTE = 4;

    /** Bytes that wait are copied once more when they pass. */
    private static final int COPIES = 2;

    /** The objects of a header line, and those of a parameter, however short they are. */
    private static final int LINE_BYTES = 128;

    private static final int PARAM_BYTES = 160;

    /** The decoder's buffer of a line begins with this capacity, grows by doubling, and never shrinks. */
    private static final int LINE_BUFFER = 128;

    private final MemoryBudget budget;
    private long handlers;
    private long head;
    private long waiting;

    /** The tasks that use the current head. */
    private @Nullable Holders holders;

    /** The tasks that use one head, and its bytes once the connection is done with it. */
    private static final class Holders {
        private int count;
        private long bytes;
    }

    RequestMemory(MemoryBudget budget) {
        this.budget = budget;
    }

    /** Whether the connection may hold no more. */
    boolean isTight() {
        return budget.tight();
    }

    void begin() {
        handlers = change(handlers, HANDLER_BYTES);
    }

    /** Counts a part of a head. */
    void addHead(int bytes, int lines) {
        head = change(head, head + (long) HEAP_PER_BYTE * bytes + (long) LINE_BYTES * lines);
    }

    void addParams(int number) {
        head = change(head, head + (long) PARAM_BYTES * number);
    }

    /** Counts the decoder's buffer for the longest line so far. */
    void setLongestLine(int bytes) {
        int capacity = bytes <= LINE_BUFFER ? 0 : 2 * Integer.highestOneBit(bytes - 1);
        if (capacity > handlers - HANDLER_BYTES) {
            handlers = change(handlers, HANDLER_BYTES + capacity);
        }
    }

    /** Counts the current head until the returned permit is released, also if the connection releases it or ends before. */
    ConnectionPermits.Permit holdHead() {
        Holders own = holders == null ? new Holders() : holders;
        holders = own;
        own.count++;
        return () -> {
            if (--own.count == 0) {
                budget.add(-own.bytes);
                if (own == holders) {
                    holders = null;
                }
            }
        };
    }

    void releaseHead() {
        if (holders == null) {
            head = change(head, 0);
        } else {
            holders.bytes = head;
            holders = null;
            head = 0;
        }
    }

    /** Sets the capacity of the buffer of bytes that wait behind the current request. */
    void setWaiting(int capacity) {
        waiting = change(waiting, (long) COPIES * capacity);
    }

    void end() {
        handlers = change(handlers, 0);
        releaseHead();
        waiting = change(waiting, 0);
    }

    private long change(long from, long to) {
        if (from != to) {
            budget.add(to - from);
        }
        return to;
    }
}
