package io.heliodor.link.jgroups;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import io.heliodor.log.FailureLog;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Calls the listener of a wire: for views and suspicions one call at a time and only for changes, for packets one at a
 * time for each peer. JGroups itself calls from many threads, repeats suspicions, and reports some of nodes that left.
 * Thread-safe.
 */
final class EventDispatcher {
    /** How long {@link #close} waits for a listener that hangs. */
    private static final long CLOSE_SECONDS = 1;

    /** After a suspicion, messages are ignored as signs of life for this time: they may have been read before it. */
    private static final long UNDER_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Above this number the locks of peers that left are removed. */
    private static final int MAX_LOCKS = 1_000;

    private final Wire.Listener listener;
    private final FailureLog failures = new FailureLog(WireLog.LOG, System::nanoTime);
    private final ReentrantReadWriteLock receiving = new ReentrantReadWriteLock();
    private final Map<Peer, ReentrantLock> locks = new ConcurrentHashMap<>();

    /** The lock is held while a view or a suspicion is dispatched. */
    @GuardedBy("this")
    private final Set<Peer> suspects = new HashSet<>();

    /** Whether there are suspects; read for every message. */
    private volatile boolean anySuspect;

    private volatile long lastSuspicion;

    @GuardedBy("this")
    private @Nullable View view;

    private volatile boolean closed;

    EventDispatcher(Wire.Listener listener) {
        this.listener = listener;
    }

    synchronized void view(View next) {
        if (closed) {
            return;
        }
        view = next;
        suspects.removeIf(peer -> !next.has(peer));
        anySuspect = !suspects.isEmpty();
        if (locks.size() > MAX_LOCKS) {
            locks.keySet().retainAll(next.members());
        }
        safely(() -> listener.view(next));
    }

    /** Reports a suspicion. Returns false if the peer is a suspect already, or not a member. */
    synchronized boolean suspect(Peer peer) {
        if (closed || view == null || !view.has(peer) || !suspects.add(peer)) {
            return false;
        }
        lastSuspicion = System.nanoTime();
        anySuspect = true;
        safely(() -> listener.suspected(peer, true));
        return true;
    }

    /** Whether messages must be reported by {@link #unsuspect}. */
    boolean anySuspect() {
        return anySuspect && System.nanoTime() - lastSuspicion > UNDER_WAY_NANOS;
    }

    /** Reports a sign of life. */
    synchronized void unsuspect(Peer peer) {
        if (closed || !suspects.remove(peer)) {
            return;
        }
        anySuspect = !suspects.isEmpty();
        safely(() -> listener.suspected(peer, false));
    }

    void wayEnded(Peer to) {
        if (!closed) {
            safely(() -> listener.wayEnded(to));
        }
    }

    void received(Peer from, byte[] bytes, int offset, int length) {
        receiving.readLock().lock();
        try {
            // Packets come by JGroups and by a data connection. JGroups delivers in order, except for a peer that
            // leaves and
            // returns during a delivery.
            // Fair, so that a confirmation by JGroups does not wait for all packets of a flood.
            ReentrantLock lock = locks.computeIfAbsent(from, peer -> new ReentrantLock(true));
            lock.lock();
            try {
                if (!closed) {
                    safely(() -> listener.received(from, bytes, offset, length));
                }
            } finally {
                lock.unlock();
            }
        } finally {
            receiving.readLock().unlock();
        }
    }

    /** Ends all calls. Waits for those that run; for packets at most one second. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            if (receiving.writeLock().tryLock(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                receiving.writeLock().unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            failures.error("The listener of a wire", e, () -> "failed.");
        }
    }
}
