package io.heliodor.session;

import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.lane.Outbox;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Closes connections of one lane when the endpoint is short of memory: those of the party that holds most, the largest first. On the
 * lane's thread.
 *
 * <p>See {@code docs/design/flow.md} and {@code docs/design/memory.md}.
 */
public final class LoadShedder {
    /** A session that holds memory. On its lane. */
    interface Holder {
        ConnectionMemory memory();

        Outbox outbox();

        /** The heap of the connection and its channels as such, which is none of its memory; in bytes. */
        long ownBytes();

        /** The id of its user, or the network of a client without one. */
        Object party();

        /** Whether its connection has ended. */
        boolean hasEnded();

        /** Closes it, since it reads too slowly. */
        void closeSlow(String reason);

        /** Closes it, since the memory is short. */
        void closeOverloaded();
    }

    /** Closing the connections of a party that holds less frees too little for the harm. */
    private static final long MIN_BYTES = 64 << 10;

    /** The least that closing one of many small connections must free. */
    private static final long MIN_SMALL_BYTES = 4 << 10;

    /** The party of all connections that have ended and handle what was read before. */
    private static final Object ENDED = new Object();

    /** How long the budget may be tight before connections are closed for it. */
    private static final long TIGHT_NANOS = 2_000_000_000L;

    /** Connections and channels as such count for a user from this part of the budget on a lane on: for no ordinary one. */
    private static final int CROWD = 256;

    private final MemoryBudget heap;
    private final LongSupplier excessDirect;
    private Set<Object> crowded = Set.of();
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
        if (heap.tight()) {
            if (!tight) {
                tight = true;
                tightSince = now;
            }
            heap.shares().swept(this);
        } else {
            tight = false;
            heap.shares().forget(this); // also if it was exhausted between two sweeps only
        }
        if ((tight && now - tightSince >= TIGHT_NANOS) || directIsShort()) {
            closeLargest(sessions.get());
        } else if (tight) {
            var _ = measure(sessions.get());
        }
    }

    /** Closes the connections that hold most, as far as memory is short now. */
    void closeLargest(List<? extends Holder> sessions) {
        sessions.forEach(session -> session.memory().settle());
        closeExcess(sessions);
        if (directIsShort()) {
            for (Holder session : largest(sessions, each -> each.outbox().bytes(), MIN_BYTES)) {
                session.closeSlow("direct memory is short, " + session.outbox().bytes() + " bytes wait");
                if (!directIsShort()) {
                    return;
                }
            }
        }
    }

    /**
     * Messages that are being handled are released when their handlers return, so the freed bytes are counted and not measured: those
     * of connections that have ended on any lane, and those of a party on other lanes, which close them.
     */
    private void closeExcess(List<? extends Holder> sessions) {
        long excess = heap.excess();
        if (excess == 0) {
            return;
        }
        Map<Object, List<Holder>> here = measure(sessions);
        closeLargest(here.getOrDefault(ENDED, List.of()), excess);
        Map<Object, Long> parties = heap.shares().largestFirst();
        excess -= Objects.requireNonNullElse(parties.remove(ENDED), 0L);
        for (Map.Entry<Object, Long> party : parties.entrySet()) {
            if (excess <= 0 || party.getValue() < MIN_BYTES) {
                return;
            }
            closeLargest(here.getOrDefault(party.getKey(), List.of()), excess);
            excess -= party.getValue();
        }
    }

    private void closeLargest(List<Holder> ofParty, long excess) {
        long left = excess;
        for (Holder session : largest(ofParty, this::freedBy, 1)) {
            if (left <= 0) {
                return;
            }
            left -= freedBy(session);
            session.closeOverloaded();
        }
    }

    /**
     * Measures the bytes of the parties on this lane, and returns their connections: those that may be closed, since the others free
     * nothing.
     */
    private Map<Object, List<Holder>> measure(List<? extends Holder> sessions) {
        Map<Object, List<Holder>> here = new HashMap<>();
        Map<Object, Long> bytes = new HashMap<>();
        crowded = crowded(sessions);
        for (Holder session : sessions) {
            long held = freedBy(session);
            Object party = session.hasEnded() ? ENDED : session.party();
            if (held >= leastOf(party)) {
                here.computeIfAbsent(party, _ -> new ArrayList<>()).add(session);
                bytes.merge(party, held, Long::sum);
            }
        }
        heap.shares().set(this, bytes);
        return here;
    }

    private long leastOf(Object party) {
        if (party.equals(ENDED) || crowded.contains(party)) {
            return 1;
        }
        // Many clients may connect through one proxy. Their small connections go only if nothing else helps.
        return party instanceof InetAddress && !heap.exhausted() ? MIN_BYTES : MIN_SMALL_BYTES;
    }

    /** The bytes that the end of a connection frees, as far as its party pays for them. */
    private long freedBy(Holder session) {
        long waiting = session.memory().held();
        return !session.hasEnded() && crowded.contains(session.party()) ? waiting + session.ownBytes() : waiting;
    }

    /**
     * The users whose connections and channels as such take much of the budget here. A network pays for none: if many clients connect through
     * one proxy, refusing the next one is better than closing one for it, which connects again.
     */
    private Set<Object> crowded(List<? extends Holder> sessions) {
        Map<Object, Long> own = new HashMap<>();
        for (Holder session : sessions) {
            if (!session.hasEnded() && !(session.party() instanceof InetAddress)) {
                own.merge(session.party(), session.ownBytes(), Long::sum);
            }
        }
        own.values().removeIf(bytes -> bytes < heap.limit() / CROWD);
        return Set.copyOf(own.keySet());
    }

    private static List<Holder> largest(List<? extends Holder> sessions, ToLongFunction<Holder> held, long min) {
        List<Holder> all = new ArrayList<>();
        for (Holder session : sessions) {
            if (held.applyAsLong(session) >= min) {
                all.add(session);
            }
        }
        all.sort(Comparator.comparingLong(held).reversed());
        return all;
    }
}
