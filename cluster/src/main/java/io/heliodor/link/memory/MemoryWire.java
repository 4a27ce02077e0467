package io.heliodor.link.memory;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The end of a memory network at one node. */
final class MemoryWire implements Wire {
    private final MemoryNetwork network;
    private final Peer self;
    private final Wire.Listener listener;
    private final ReentrantLock telling = new ReentrantLock();
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
    public void close() {
        if (stop()) {
            network.closed(this);
        }
    }

    /** From now on it neither sends nor tells. Returns false when it did not before. */
    boolean stop() {
        telling.lock();
        try {
            boolean first = !closed;
            closed = true;
            whilePaused.clear();
            return first;
        } finally {
            telling.unlock();
        }
    }

    boolean closed() {
        return closed;
    }

    boolean paused() {
        return paused;
    }

    /** The view that was made last for it, installed or not. */
    Optional<View> latest() {
        return Optional.ofNullable(latest);
    }

    void made(View next) {
        latest = next;
    }

    void pause() {
        telling.lock();
        try {
            paused = true;
        } finally {
            telling.unlock();
        }
    }

    void resume() {
        telling.lock();
        try {
            paused = false;
            for (Runnable tell = whilePaused.poll(); tell != null; tell = whilePaused.poll()) {
                tell.run();
            }
        } finally {
            telling.unlock();
        }
    }

    void install(View next) {
        latest = next;
        tell(() -> {
            view = next;
            listener.view(next);
        });
    }

    void suspect(Peer peer, boolean suspect) {
        tell(() -> listener.suspected(peer, suspect));
    }

    private void tell(Runnable what) {
        telling.lock();
        try {
            if (closed) {
                return;
            }
            if (paused) {
                whilePaused.add(what);
            } else {
                what.run();
            }
        } finally {
            telling.unlock();
        }
    }

    void received(Peer from, byte[] packet) {
        if (!closed) {
            listener.received(from, packet, 0, packet.length);
        }
    }
}
