package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Replaces connections that hang after an outage: TCP sends lost bytes again after growing pauses, of up to the time that the
 * outage took. While nothing comes from a member, this node begins a handshake with it, on a connection of its own, every
 * {@link #EVERY}. If one succeeds and a moment later still nothing came, the network is back and the connection hangs: it is
 * replaced. If none does, the network is still down, the member is frozen, or the link has no room: an abort would only lose
 * the bytes that are under way. If its process has ended, that is reported. Thread-safe.
 *
 * <p>Attempts overlap: one that began a moment before the network came back waits a second until TCP sends its first packet
 * again. A replacement that is repeated does no harm, since it keeps connections on which something came lately.
 */
final class ConnectionRecovery implements AutoCloseable {
    /** The time between the begins of two attempts. */
    static final Duration EVERY = Duration.ofMillis(400);

    /**
     * The time in which something comes from a member that answers, if its connection works: a process that continues after a
     * pause answers a handshake before it sends its next heartbeat.
     */
    static final Duration GRACE = Duration.ofMillis(200);

    private final Predicate<Peer> silent;
    private final Function<Peer, Prober.Sign> signs;
    private final Consumer<Peer> replace;
    private final Consumer<Peer> gone;
    private final Consumer<Duration> pause;
    private final Executor threads;
    private final Set<Peer> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * A recovery.
     *
     * @param silent whether a peer is a member from which nothing comes
     * @param signs begins a handshake with it on a connection of its own; may block
     * @param replace closes the connections to it that hang, and opens another one
     * @param gone its process seems to have ended; may block
     * @param pause waits
     * @param threads runs attempts, and what waits for them
     */
    ConnectionRecovery(
            Predicate<Peer> silent,
            Function<Peer, Prober.Sign> signs,
            Consumer<Peer> replace,
            Consumer<Peer> gone,
            Consumer<Duration> pause,
            Executor threads) {
        this.silent = silent;
        this.signs = signs;
        this.replace = replace;
        this.gone = gone;
        this.pause = pause;
        this.threads = threads;
    }

    /** Starts attempts, until something comes from the peer or the wire is closed. Without an effect while they run. */
    void start(Peer peer) {
        if (running.add(peer)) {
            threads.execute(() -> {
                try {
                    while (hangs(peer)) {
                        threads.execute(() -> attempt(peer));
                        pause.accept(EVERY);
                    }
                } finally {
                    running.remove(peer);
                }
            });
        }
    }

    private void attempt(Peer peer) {
        switch (signs.apply(peer)) {
            case ALIVE -> {
                pause.accept(GRACE);
                ifHangs(peer, replace);
            }
            case GONE -> ifHangs(peer, gone);
            case NONE -> {}
        }
    }

    private void ifHangs(Peer peer, Consumer<Peer> action) {
        if (hangs(peer)) {
            action.accept(peer);
        }
    }

    private boolean hangs(Peer peer) {
        return !closed && silent.test(peer);
    }

    /** Ends the attempts. Nothing comes to a closed wire, so each member would seem silent for ever. */
    @Override
    public void close() {
        closed = true;
    }
}
