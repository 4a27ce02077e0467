package io.heliodor.link.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The wire of one node of a {@link MemoryNetwork}. Thread-safe. */
final class MemoryWire implements Wire {
    private final MemoryNetwork network;
    private final Peer self;
    private final Wire.Listener listener;

    @GuardedBy("this")
    private final ArrayDeque<Runnable> whilePaused = new ArrayDeque<>();

    private volatile @Nullable View view;
    private volatile @Nullable View latest;
    private volatile boolean paused;
    private volatile boolean closed;

    MemoryWire(MemoryNetwork network, Peer self, Wire.Listener listener) {
        this.network = network;
        this.self = self;
        this.listener = listener;
    }

    @Override
    public Peer self() {
        return self;
    }

    @Override
    public void send(Peer to, byte[] packet) throws InterruptedException {
        View now = view;
        if (now != null && now.has(to) && !closed) {
            network.send(this, to, packet);
        }
    }

    @Override
    public @Nullable Way way(Peer to) {
        return network.way(self, to);
    }

    /** Packets that a way does not hold arrive at once. */
    @Override
    public boolean hasInput(Peer from) {
        return false;
    }

    @Override
    public boolean takesParts(Peer to) {
        return true;
    }

    @Override
    public void close() {
        if (stop()) {
            network.closed(this);
        }
    }

    /** Ends sending and events. Returns false if they had ended before. */
    synchronized boolean stop() {
        boolean first = !closed;
        closed = true;
        whilePaused.clear();
        return first;
    }

    boolean closed() {
        return closed;
    }

    boolean paused() {
        return paused;
    }

    /** The last view that was created with this node, installed or not. */
    Optional<View> latest() {
        return Optional.ofNullable(latest);
    }

    void created(View next) {
        latest = next;
    }

    synchronized void pause() {
        paused = true;
    }

    synchronized void resume() {
        paused = false;
        for (Runnable event = whilePaused.poll(); event != null; event = whilePaused.poll()) {
            event.run();
        }
    }

    void install(View next) {
        latest = next;
        dispatch(() -> {
            view = next;
            network.retainWays(self, next);
            listener.view(next);
        });
    }

    void wayEnded(Peer to) {
        if (!closed) {
            listener.wayEnded(to);
        }
    }

    void suspect(Peer peer, boolean suspect) {
        dispatch(() -> listener.suspected(peer, suspect));
    }

    private synchronized void dispatch(Runnable event) {
        if (closed) {
            return;
        }
        if (paused) {
            whilePaused.add(event);
        } else {
            event.run();
        }
    }

    void received(Peer from, byte[] packet) {
        if (!closed) {
            listener.received(from, packet, 0, packet.length);
        }
    }
}
