package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Exit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One session to a peer, and who waits for something from there. */
final class PeerSession {
    /** Someone who must be told when the session ends. */
    interface Waiter {
        /** Called once or more, by any thread; it must not block. */
        void lost(Exit exit);
    }

    private final Peer peer;
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PeerSession(Peer peer) {
        this.peer = peer;
    }

    Peer peer() {
        return peer;
    }

    Set<Waiter> waiting() {
        return waiting;
    }

    /** Adding before looking, and closing before telling: whoever comes at the same time is told by one of both. */
    void add(Waiter one) {
        waiting.add(one);
        if (closed) {
            one.lost(new Exit.NoConnection(peer.node()));
        }
    }

    void remove(Waiter one) {
        waiting.remove(one);
    }

    void close() {
        closed = true;
        waiting.forEach(one -> one.lost(new Exit.NoConnection(peer.node())));
        waiting.clear();
    }
}
