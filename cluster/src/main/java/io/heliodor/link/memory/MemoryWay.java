package io.heliodor.link.memory;

import io.heliodor.link.Peer;
import io.heliodor.link.Wire;

/** A short way between two nodes of a {@link MemoryNetwork}. Thread-safe. */
final class MemoryWay implements Wire.Way {
    private final MemoryNetwork network;
    private final MemoryWire from;
    private final Peer to;
    private final Path path;
    private volatile boolean ended;

    MemoryWay(MemoryNetwork network, MemoryWire from, Peer to, Path path) {
        this.network = network;
        this.from = from;
        this.to = to;
        this.path = path;
    }

    Path path() {
        return path;
    }

    Peer from() {
        return from.self();
    }

    Peer to() {
        return to;
    }

    @Override
    public void send(byte[] packet) throws InterruptedException {
        if (!ended && !from.closed()) {
            network.checkRoom(path, from.self(), to);
            path.put(packet, from);
            network.flow(path);
        }
    }

    @Override
    public void end() {
        cut(0);
    }

    /** Ends it. Of the packets under way, so many arrive. */
    void cut(int arriving) {
        ended = true;
        network.ended(this);
        path.cut(arriving);
    }
}
