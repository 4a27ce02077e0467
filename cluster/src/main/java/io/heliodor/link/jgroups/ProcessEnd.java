package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Recognizes the end of a process on a machine that lives: its last connection has ended, and its port refuses others for a while.
 * A proxy that starts again refuses for half a second, and a firewall may refuse one pair of nodes: so the port is tried several
 * times, and the other members are asked before the first of them. A member of which one of them passes on an answer, or whose port
 * takes a connection again, is not excluded. Thread-safe.
 */
final class ProcessEnd {
    /** The attempts after the first one, evenly in the patience. */
    private static final int ATTEMPTS = 5;

    private final Function<Peer, Prober.Port> ports;
    private final Predicate<Peer> reached;
    private final Consumer<Peer> exclude;
    private final Consumer<Peer> verify;
    private final Duration patience;
    private final Consumer<Duration> pause;
    private final Set<Peer> checked = ConcurrentHashMap.newKeySet();

    /**
     * A recognition.
     *
     * @param ports what becomes of a connection to a peer; may block
     * @param reached whether something came from a peer since its connection ended, or another member reaches it
     * @param exclude excludes a peer without verification
     * @param verify excludes a peer unless it answers: another process may have its port, or its address has gone
     * @param patience how long its port refuses until its process has ended
     * @param pause waits
     */
    ProcessEnd(
            Function<Peer, Prober.Port> ports,
            Predicate<Peer> reached,
            Consumer<Peer> exclude,
            Consumer<Peer> verify,
            Duration patience,
            Consumer<Duration> pause) {
        this.ports = ports;
        this.reached = reached;
        this.exclude = exclude;
        this.verify = verify;
        this.patience = patience;
        this.pause = pause;
    }

    /** Excludes a peer if its process has ended. Called after the others were asked for probes. Blocks. */
    void check(Peer peer) {
        if (checked.add(peer)) {
            try {
                outcome(peer).accept(peer);
            } finally {
                checked.remove(peer);
            }
        }
    }

    private Consumer<Peer> outcome(Peer peer) {
        if (ports.apply(peer) != Prober.Port.REFUSED) {
            return verify;
        }
        for (int made = 0; made < ATTEMPTS; made++) {
            pause.accept(patience.dividedBy(ATTEMPTS));
            if (reached.test(peer)) {
                return _ -> {};
            }
            switch (ports.apply(peer)) {
                case TAKEN -> {
                    return _ -> {};
                }
                // A container whose process has ended is removed with its address.
                case SILENT -> {
                    return verify;
                }
                case REFUSED -> {}
            }
        }
        return exclude;
    }
}
