package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener: views and suspicions one at a time and changes only, packets beside them. JGroups repeats suspicions,
 * reports them of nodes that left, and calls from many threads.
 */
final class EventDispatcher {
    /** A listener that hangs does not keep a node from closing. */
    private static final long PATIENCE_SECONDS = 1;

    /**
     * What was read before a connection ended may be worked on after it: for this long a message is no sign of life.
     */
    private static final long UNDER_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Those who left are forgotten some time. */
    private static final int MOST_TURNS = 1_000;

    private final Wire.Listener listener;
    private final ReentrantLock telling = new ReentrantLock();
    private final ReentrantReadWriteLock receiving = new ReentrantReadWriteLock();
    private final Map<Peer, ReentrantLock> turns = new ConcurrentHashMap<>();
    private final Set<Peer> suspects = new HashSet<>();
    /** Read by every message: whether there is anybody to be absolved. */
    private volatile boolean anySuspect;

    private volatile long lastSuspicion;
    private @Nullable View view;
    private volatile boolean closed;

    EventDispatcher(Wire.Listener listener) {
        this.listener = listener;
    }

    void view(View next) {
        telling.lock();
        try {
            if (closed) {
                return;
            }
            view = next;
            suspects.removeIf(peer -> !next.has(peer));
            anySuspect = !suspects.isEmpty();
            if (turns.size() > MOST_TURNS) {
                turns.keySet().retainAll(next.members());
            }
            safely(() -> listener.view(next));
        } finally {
            telling.unlock();
        }
    }

    /** The view that was told last. */
    Optional<View> last() {
        telling.lock();
        try {
            return Optional.ofNullable(view);
        } finally {
            telling.unlock();
        }
    }

    /** True if that is news. */
    boolean suspect(Peer peer) {
        telling.lock();
        try {
            if (closed || view == null || !view.has(peer) || !suspects.add(peer)) {
                return false;
            }
            lastSuspicion = System.nanoTime();
            anySuspect = true;
            safely(() -> listener.suspected(peer, true));
            return true;
        } finally {
            telling.unlock();
        }
    }

    /** Whether a message of somebody has to be reported by {@link #alive}. */
    boolean anySuspect() {
        return anySuspect && System.nanoTime() - lastSuspicion > UNDER_WAY_NANOS;
    }

    void alive(Peer peer) {
        telling.lock();
        try {
            if (closed || !suspects.remove(peer)) {
                return;
            }
            anySuspect = !suspects.isEmpty();
            safely(() -> listener.suspected(peer, false));
        } finally {
            telling.unlock();
        }
    }

    void received(Peer from, byte[] bytes, int offset, int length) {
        receiving.readLock().lock();
        try {
            // JGroups delivers in order by itself, but for who leaves and returns while it is still delivering.
            ReentrantLock turn = turns.computeIfAbsent(from, peer -> new ReentrantLock());
            turn.lock();
            try {
                if (!closed) {
                    safely(() -> listener.received(from, bytes, offset, length));
                }
            } finally {
                turn.unlock();
            }
        } finally {
            receiving.readLock().unlock();
        }
    }

    /** Waits for what is being told, and tells nothing any more. */
    void close() {
        telling.lock();
        try {
            closed = true;
        } finally {
            telling.unlock();
        }
        try {
            if (receiving.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                receiving.writeLock().unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            PeerSockets.log.error("The listener of a wire failed.", e);
        }
    }
}
