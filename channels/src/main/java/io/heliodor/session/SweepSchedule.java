package io.heliodor.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The sessions of one lane, by the sweep that looks at them next: the next one, or the one before the deadline of a session for
 * which nothing is due until then. Each session is in one list. Used on the lane's thread.
 *
 * @param <S> the type of the sessions
 */
final class SweepSchedule<S extends SweepSchedule.Entry> {
    /** The place of a session in the schedule of its lane. */
    abstract static class Entry {
        /** Its number among the sessions of its lane. */
        int number;

        /** Its list, and its index there. */
        byte slot = NONE;

        int index;

        /** Whether no sweep looks at it before its deadline. */
        final boolean isResting() {
            return slot >= 0;
        }
    }

    /** The list of a session that is in none. */
    static final byte NONE = -2;

    /** The list of those that each sweep looks at. */
    static final byte NEXT = -1;

    /** The seconds after which a session is looked at in any case. */
    static final int SLOTS = 64;

    private static final long SLOT_NANOS = 1_000_000_000L;

    private final List<S> next = new ArrayList<>();

    /** Those that rest, by the second of their deadline. */
    private final List<List<S>> resting = new ArrayList<>(Collections.nCopies(SLOTS, List.of()));

    /** The number of sessions that were ever added, modulo 2^32. */
    private int added;

    private boolean begun;

    /** The second of the last sweep. */
    private long second;

    /** A new session is looked at by the next sweep. */
    void add(S session) {
        next.add(session);
        session.number = added++;
        session.slot = NEXT;
        session.index = next.size() - 1;
    }

    void remove(S session) {
        removeFrom(session.slot, session);
        session.slot = NONE;
    }

    private void removeFrom(byte slot, S session) {
        List<S> from = list(slot);
        S last = from.removeLast();
        if (!last.equals(session)) {
            from.set(session.index, last);
            last.index = session.index;
        }
        if (slot != NEXT && from.isEmpty()) {
            // Its array has room for all that were ever in it.
            resting.set(slot, List.of());
        }
    }

    /** Has the next sweep look at a session that rests. */
    void wake(S session) {
        move(session, NEXT);
    }

    /** Leaves a session out of the sweeps until shortly before a time from now, unless that is within a second. */
    void rest(S session, long nanos) {
        long seconds = Math.min(nanos / SLOT_NANOS, SLOTS - 1);
        if (seconds > 0) {
            move(session, (byte) Math.floorMod(second + seconds, SLOTS));
        }
    }

    /**
     * Begins a sweep.
     *
     * @param now the present time, monotonic, in nanoseconds
     * @return the sessions to look at, from the last to the first: those that are looked at may be moved or removed meanwhile
     */
    List<S> begin(long now) {
        long present = Math.floorDiv(now, SLOT_NANOS);
        if (!begun) {
            begun = true;
            second = present;
        }
        for (long i = Math.min(present - second, SLOTS); i > 0; i--) {
            List<S> due = list((byte) Math.floorMod(present - i + 1, SLOTS));
            while (!due.isEmpty()) {
                wake(due.getLast());
            }
        }
        second = present;
        return next;
    }

    /** The sessions that the next sweep looks at: all that have something to write, and others. */
    List<S> awake() {
        return Collections.unmodifiableList(next);
    }

    /** All sessions, in a new list, from the newest to the oldest. */
    List<S> newestFirst() {
        List<S> sorted = all();
        sorted.sort((one, other) -> Integer.compare(other.number, one.number));
        return sorted;
    }

    /** All sessions, in a new list. */
    List<S> all() {
        List<S> all = new ArrayList<>(next);
        resting.forEach(all::addAll);
        return all;
    }

    /** Without memory for the other list nothing changes. */
    private void move(S session, byte slot) {
        if (session.slot == slot) {
            return;
        }
        List<S> to = list(slot);
        if (slot != NEXT && to.isEmpty()) {
            to = new ArrayList<>();
            resting.set(slot, to);
        }
        to.add(session);
        removeFrom(session.slot, session);
        session.slot = slot;
        session.index = to.size() - 1;
    }

    private List<S> list(byte slot) {
        return slot == NEXT ? next : resting.get(slot);
    }
}
