package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Exit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A session to a peer, and the calls and monitors that depend on it. */
final class PeerSession {
    /** A call or a monitor that the end of the session completes. */
    interface Waiter {
        /** The session has ended. Called once or more, on any thread; must not block. */
        void sessionLost(Exit exit);
    }

    private final Peer peer;
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PeerSession(Peer peer) {
        this.peer = peer;
    }

    Set<Waiter> waiting() {
        return waiting;
    }

    /**
     * Adds before it checks, as close sets its flag before it notifies: one of them finds a waiter that is added meanwhile.
     */
    void add(Waiter one) {
        waiting.add(one);
        if (closed) {
            one.sessionLost(new Exit.NoConnection(peer.node()));
        }
    }

    void remove(Waiter one) {
        waiting.remove(one);
    }

    void close() {
        closed = true;
        waiting.forEach(one -> one.sessionLost(new Exit.NoConnection(peer.node())));
        waiting.clear();
    }
}
