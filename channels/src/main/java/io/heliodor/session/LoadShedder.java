package io.heliodor.session;

import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.lane.Outbox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Closes the connections of one lane that hold most when the endpoint is short of memory. On the lane's thread.
 *
 * <p>See {@code docs/design/flow.md}.
 */
public final class LoadShedder {
    /** A session that holds memory. On its lane. */
    interface Holder {
        ConnectionMemory memory();

        Outbox outbox();

        /** Whether its connection has ended. */
        boolean hasEnded();

        /** Closes it, since it reads too slowly. */
        void closeSlow(String reason);

        /** Closes it, since the memory is short. */
        void closeOverloaded();
    }

    /** Closing connections that hold less frees too little for the harm. */
    private static final long MIN_BYTES = 64 << 10;

    /** How long the budget may be tight before connections are closed for it. */
    private static final long TIGHT_NANOS = 2_000_000_000L;

    private final MemoryBudget heap;
    private final LongSupplier excessDirect;
    private boolean tight;
    private long tightSince;

    /**
     * LoadShedder for one lane.
     *
     * @param heap the heap of the endpoint's clients
     * @param excessDirect how many bytes of direct memory are in use beyond the limit; measured by each call
     */
    public LoadShedder(MemoryBudget heap, LongSupplier excessDirect) {
        this.heap = heap;
        this.excessDirect = excessDirect;
    }

    /** Whether more direct memory is in use than may be. */
    boolean directIsShort() {
        return excessDirect.getAsLong() > 0;
    }

    /** Closes connections if the memory has been short for too long. */
    void sweep(Supplier<? extends List<? extends Holder>> sessions, long now) {
        if (!heap.tight()) {
            tight = false;
        } else if (!tight) {
            tight = true;
            tightSince = now;
        }
        if ((tight && now - tightSince >= TIGHT_NANOS) || directIsShort()) {
            closeLargest(sessions.get());
        }
    }

    /** Closes the connections that hold most, as far as memory is short now. */
    void closeLargest(List<? extends Holder> sessions) {
        sessions.forEach(session -> session.memory().settle());
        closeExcess(sessions);
        if (directIsShort()) {
            for (Holder session : largest(sessions, each -> each.outbox().bytes())) {
                session.closeSlow("direct memory is short, " + session.outbox().bytes() + " bytes wait");
                if (!directIsShort()) {
                    return;
                }
            }
        }
    }

    /**
     * Messages that are being handled are released when their handlers return, so the freed bytes are counted and not measured.
     */
    private void closeExcess(List<? extends Holder> sessions) {
        long excess = heap.excess();
        if (excess > 0) {
            for (Holder session : endedFirst(sessions)) {
                excess -= session.memory().held();
                session.closeOverloaded();
                if (excess <= 0) {
                    return;
                }
            }
        }
    }

    /** The sessions to close for heap: those whose connection has ended, however small, and then the largest. */
    private static List<Holder> endedFirst(List<? extends Holder> sessions) {
        List<Holder> all = new ArrayList<>();
        sessions.stream().filter(Holder::hasEnded).forEach(all::add);
        largest(sessions, each -> each.memory().held()).stream()
                .filter(each -> !each.hasEnded())
                .forEach(all::add);
        return all;
    }

    private static List<Holder> largest(List<? extends Holder> sessions, ToLongFunction<Holder> held) {
        List<Holder> all = new ArrayList<>();
        for (Holder session : sessions) {
            if (held.applyAsLong(session) >= MIN_BYTES) {
                all.add(session);
            }
        }
        all.sort(Comparator.comparingLong(held).reversed());
        return all;
    }
}
