package io.heliodor.link.memory;

import io.heliodor.link.Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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

    // Guarded by this. Senders that wait for room are notified.
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final ArrayDeque<byte[]> past = new ArrayDeque<>();
    private State state = State.OPEN;
    private long size;
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

    synchronized void state(State next) {
        state = next;
        notifyAll();
    }

    /** Lets senders that wait for room look again. */
    synchronized void wake() {
        notifyAll();
    }

    synchronized boolean takes() {
        return size < window || state == State.LOSING || to.closed() || ended;
    }

    /** Sends a packet. Blocks until there is room, or the sender is closed. */
    synchronized void put(byte[] packet, MemoryWire sender) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        while (!sender.closed() && (sender.paused() || !takes())) {
            wait();
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
    }

    private void keep(byte[] packet) {
        if (past.size() == KEPT) {
            past.remove();
        }
        past.add(packet);
    }

    synchronized boolean deliverable() {
        return state == State.OPEN && !waiting.isEmpty() && !to.paused() && !to.closed();
    }

    boolean moves() {
        return flowing.get() || deliverable();
    }

    synchronized int underWay() {
        return waiting.size();
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

    private synchronized byte @Nullable [] next() {
        if (!deliverable()) {
            return null;
        }
        byte[] packet = waiting.remove();
        size -= packet.length;
        keep(packet);
        notifyAll();
        return packet;
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
    synchronized boolean repeat(int back) {
        if (back >= past.size()) {
            return false;
        }
        List<byte[]> packets = new ArrayList<>(past);
        byte[] packet = packets.get(packets.size() - 1 - back);
        waiting.add(packet);
        size += packet.length;
        return true;
    }

    /** Drops the packets in flight but the first ones, and takes no more. */
    synchronized void cut(int arriving) {
        ended = true;
        while (waiting.size() > arriving) {
            size -= waiting.removeLast().length;
        }
        notifyAll();
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

    private synchronized void drop() {
        waiting.clear();
        size = 0;
        notifyAll();
    }
}
