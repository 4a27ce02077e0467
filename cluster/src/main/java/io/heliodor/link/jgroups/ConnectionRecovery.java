package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Replaces connections that hang after an outage: TCP sends lost bytes again after growing pauses, of up to the time that the
 * outage took. While nothing comes from a member, this node attempts a handshake with it, on a connection of its own, again
 * and again. If one succeeds and still nothing comes, the network is back and the connection hangs: it is aborted, and JGroups
 * opens another one. If none does, the network is still down, the member is frozen, or the link has no room: an abort would
 * only lose the bytes that are under way. Thread-safe.
 */
final class ConnectionRecovery implements AutoCloseable {
    /** The pause between two attempts. */
    static final Duration RETRY = Duration.ofMillis(300);

    /** The pause after an abort: another connection is opened by the next heartbeat, and the peer answers by its next one. */
    static final Duration AFTER_ABORT = Duration.ofSeconds(3);

    /** Waits for a time. */
    @FunctionalInterface
    interface Pause {
        void run(Duration time) throws InterruptedException;
    }

    private final Predicate<Peer> silent;
    private final Predicate<Peer> answers;
    private final Consumer<Peer> abort;
    private final Pause pause;
    private final Set<Peer> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * A recovery.
     *
     * @param silent whether a peer is a member from which nothing comes
     * @param answers whether it answers a handshake on a connection of its own; may block
     * @param abort aborts the connections to it
     * @param pause waits
     */
    ConnectionRecovery(Predicate<Peer> silent, Predicate<Peer> answers, Consumer<Peer> abort, Pause pause) {
        this.silent = silent;
        this.answers = answers;
        this.abort = abort;
        this.pause = pause;
    }

    /** Starts attempts in a virtual thread, until something comes from the peer. Without an effect while they run. */
    void start(Peer peer) {
        if (running.add(peer)) {
            Thread.ofVirtual().name("heliodor-recovery").start(() -> {
                try {
                    run(peer);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    running.remove(peer);
                }
            });
        }
    }

    /** Attempts until something comes from the peer, or the wire is closed. */
    void run(Peer peer) throws InterruptedException {
        while (hangs(peer)) {
            if (answers.test(peer) && hangs(peer)) {
                JGroupsWire.log.info("The connection to {} hangs although it answers: it is replaced.", peer);
                abort.accept(peer);
                pause.run(AFTER_ABORT);
            } else {
                pause.run(RETRY);
            }
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
