package io.heliodor.link.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One direction between two peers: the packets in flight, and past ones that can be repeated. Thread-safe. */
final class Path {
    /** The fault of the path. */
    enum State {
        OPEN,
        HELD,
        LOSING
    }

    /** The number of past packets that can be repeated. */
    private static final int KEPT = 32;

    private final Peer from;
    private final MemoryWire to;
    private final int window;
    private final AtomicLong wakes;
    private final AtomicBoolean flowing = new AtomicBoolean();
    /** Held while a packet is delivered; one lock for all ways between two peers. */
    private final ReentrantLock delivering;

    // Not a monitor: the JDK would wake its waiting threads by a thread of its own, whose time a simulation does not
    // control.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** A sender that waits for room is signalled. */
    @GuardedBy("lock")
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private final ArrayDeque<byte[]> past = new ArrayDeque<>();

    @GuardedBy("lock")
    private State state = State.OPEN;

    @GuardedBy("lock")
    private long size;

    @GuardedBy("lock")
    private boolean ended;

    /** {@code wakes} counts how often deliveries have begun. */
    Path(Peer from, MemoryWire to, int window, AtomicLong wakes) {
        this(from, to, window, wakes, new ReentrantLock());
    }

    private Path(Peer from, MemoryWire to, int window, AtomicLong wakes, ReentrantLock delivering) {
        this.from = from;
        this.to = to;
        this.window = window;
        this.wakes = wakes;
        this.delivering = delivering;
    }

    /** Another path between the two peers. Each keeps its own order. */
    Path another() {
        return new Path(from, to, window, wakes, delivering);
    }

    void state(State next) {
        lock.lock();
        try {
            state = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets senders that wait for room look again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean takes() {
        lock.lock();
        try {
            return size < window || state == State.LOSING || to.closed() || ended;
        } finally {
            lock.unlock();
        }
    }

    /** Sends a packet. Blocks until there is room, or the sender is closed. */
    void put(byte[] packet, MemoryWire sender) throws InterruptedException {
        lock.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            while (!sender.closed() && (sender.paused() || !takes())) {
                changed.await();
            }
            if (sender.closed() || to.closed() || ended) {
                return;
            }
            if (state == State.LOSING) {
                keep(packet);
            } else {
                waiting.add(packet);
                size += packet.length;
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void keep(byte[] packet) {
        if (past.size() == KEPT) {
            past.remove();
        }
        past.add(packet);
    }

    boolean deliverable() {
        lock.lock();
        try {
            return state == State.OPEN && !waiting.isEmpty() && !to.paused() && !to.closed();
        } finally {
            lock.unlock();
        }
    }

    boolean moves() {
        return flowing.get() || deliverable();
    }

    int underWay() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Delivers the first packet, if it can arrive. */
    boolean deliverNext() {
        delivering.lock();
        try {
            byte[] packet = next();
            if (packet == null) {
                return false;
            }
            to.received(from, packet);
            return true;
        } finally {
            delivering.unlock();
        }
    }

    private byte @Nullable [] next() {
        lock.lock();
        try {
            if (!deliverable()) {
                return null;
            }
            byte[] packet = waiting.remove();
            size -= packet.length;
            keep(packet);
            changed.signalAll();
            return packet;
        } finally {
            lock.unlock();
        }
    }

    /** Delivers packets on a thread of its own, so that sender and receiver do not block each other. */
    void flow() {
        if (flowing.compareAndSet(false, true)) {
            wakes.incrementAndGet();
            Thread.ofVirtual().name("path " + from + " to " + to.self()).start(() -> {
                boolean more = true;
                while (more) {
                    more = deliverNext();
                }
                flowing.set(false);
                // A packet that was added since then may have found the path still flowing.
                if (deliverable()) {
                    flow();
                }
            });
        }
    }

    /** Adds a past packet after those in flight. */
    boolean repeat(int back) {
        lock.lock();
        try {
            if (back >= past.size()) {
                return false;
            }
            List<byte[]> packets = new ArrayList<>(past);
            byte[] packet = packets.get(packets.size() - 1 - back);
            waiting.add(packet);
            size += packet.length;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Drops the packets in flight but the first ones, and takes no more. */
    void cut(int arriving) {
        lock.lock();
        try {
            ended = true;
            while (waiting.size() > arriving) {
                size -= waiting.removeLast().length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Drops the packets in flight. Waits for a delivery that runs, unless that calls this. */
    void end() {
        delivering.lock();
        try {
            drop();
        } finally {
            delivering.unlock();
        }
    }

    private void drop() {
        lock.lock();
        try {
            waiting.clear();
            size = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
