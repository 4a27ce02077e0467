package io.heliodor.session.lane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A queue of entries with many producers and one consumer: Vyukov's intrusive queue, without a lock and without a node for
 * each entry. It is bounded by what its entries cost: producers that may block wait while a bound is exceeded; the loop never
 * does.
 */
@SuppressWarnings("ReferenceEquality") // an entry is equal to itself alone
public final class LaneQueue {
    /** The cost of the entries that a turn takes. */
    static final long TURN = 8L << 20;

    /** While one turn is written, the next one gathers. More would only let replies wait behind it. */
    private static final long MAX_BROADCASTS = TURN + TURN / 2;

    private static final long MAX_MESSAGES = TURN;

    private static final VarHandle TAIL;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TAIL = lookup.findVarHandle(LaneQueue.class, "tail", LaneEntry.class);
            NEXT = lookup.findVarHandle(LaneEntry.class, "next", LaneEntry.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LaneEntry stub = new Stub();

    @SuppressWarnings("unused") // through TAIL
    private volatile LaneEntry tail = stub;

    private LaneEntry head = stub;
    private final Room broadcasts = new Room(MAX_BROADCASTS);

    /** Apart from broadcasts: a reply waits behind those in the queue, and never behind those that wait for room. */
    private final Room messages = new Room(MAX_MESSAGES);

    /**
     * The bound of entries of one kind, and the producers that wait for room.
     *
     * <p>The consumer wakes them, since a producer that woke the next one would keep its processor from all other threads.
     * They wake when there is room for half a turn, a few at a time and those first that have waited longest; all of them when the
     * queue is empty.
     */
    public static final class Room {
        private static final int WOKEN_TOGETHER = 64;

        private final long max;
        private final AtomicLong cost = new AtomicLong();

        /** In order. A producer leaves it when it waits no more. */
        private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

        private Room(long max) {
            this.max = max;
        }

        /** Whether the bound is exceeded, so that a producer that may block should wait. */
        public boolean full() {
            return cost.get() > max;
        }

        /**
         * Blocks until there is room. Not for the loop's thread.
         *
         * <p>An interrupted thread does not wait: a handler is interrupted so that it ends soon.
         */
        public void await() {
            if (!full()) {
                return;
            }
            Thread self = Thread.currentThread();
            // First: the consumer makes room first, and then looks who waits.
            waiting.add(self);
            while (full() && !self.isInterrupted()) {
                LockSupport.park(this);
            }
            waiting.remove(self);
        }

        private void take(long expected) {
            if (expected > 0) {
                cost.getAndAdd(expected);
            }
        }

        private void giveBack(long expected) {
            if (expected > 0) {
                long left = cost.addAndGet(-expected);
                long mark = max - TURN / 2;
                if (left <= mark && left + expected > mark) {
                    wake(WOKEN_TOGETHER);
                }
            }
        }

        private void wake(int count) {
            if (waiting.isEmpty()) {
                return;
            }
            Iterator<Thread> producers = waiting.iterator();
            for (int i = 0; i < count && producers.hasNext(); i++) {
                LockSupport.unpark(producers.next());
            }
        }
    }

    /** The mark that an empty queue holds. */
    private static final class Stub extends LaneEntry {
        @Override
        public void perform() {
            throw new AssertionError("the queue gave out its mark");
        }
    }

    /** Adds an entry. Never blocks. */
    public void add(LaneEntry entry) {
        room(entry).take(entry.expectedCost());
        link(entry);
    }

    private Room room(LaneEntry entry) {
        return entry.isBroadcast() ? broadcasts : messages;
    }

    private void link(LaneEntry entry) {
        LaneEntry before = (LaneEntry) TAIL.getAndSet(this, entry);
        before.next = entry;
    }

    /** The room for messages to the members of a topic. */
    public Room broadcasts() {
        return broadcasts;
    }

    /** The room for everything else. */
    public Room messages() {
        return messages;
    }

    /** Removes the oldest entry; null if there is none. An entry that is not linked yet is not seen. On the loop. */
    @Nullable
    public LaneEntry poll() {
        LaneEntry entry = pollLinked();
        if (entry == null) {
            // Those that were woken before may have added nothing.
            broadcasts.wake(Integer.MAX_VALUE);
            messages.wake(Integer.MAX_VALUE);
            return null;
        }
        // An entry in the old generation would otherwise keep every later one alive until that is collected.
        NEXT.set(entry, null);
        room(entry).giveBack(entry.expectedCost());
        return entry;
    }

    @Nullable
    private LaneEntry pollLinked() {
        LaneEntry first = head;
        LaneEntry second = first.next;
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
            return first;
        }
        if (first != tail) {
            return null;
        }
        stub.next = null;
        link(stub);
        second = first.next;
        if (second != null) {
            head = second;
            return first;
        }
        return null;
    }

    /** The expected cost of its entries. */
    long cost() {
        return broadcasts.cost.get() + messages.cost.get();
    }

    /** Whether it has no entry, and none is about to be linked. On the loop. */
    boolean isEmpty() {
        return head == stub && tail == stub;
    }
}
