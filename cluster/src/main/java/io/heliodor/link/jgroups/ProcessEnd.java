package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Recognizes the end of a process on a machine that lives: its last connection has ended, and its port refuses another one.
 * Firewalls and proxies can do both for one pair of nodes, so the others are asked first: without an answer of the member that
 * one of them passes on in a short time, it is excluded. The usual verification takes longer, since it waits for an answer of
 * the member itself.
 */
final class ProcessEnd {
    private final Predicate<Peer> refuses;
    private final Predicate<Peer> reached;
    private final Consumer<Peer> exclude;
    private final Duration patience;
    private final Consumer<Duration> pause;

    /**
     * A recognition.
     *
     * @param refuses whether a connection to a peer is refused; may block
     * @param reached whether something came from a peer since its connection ended, or another member reaches it
     * @param exclude excludes a peer without verification
     * @param patience the time in which other members report that they reach it
     * @param pause waits
     */
    ProcessEnd(
            Predicate<Peer> refuses,
            Predicate<Peer> reached,
            Consumer<Peer> exclude,
            Duration patience,
            Consumer<Duration> pause) {
        this.refuses = refuses;
        this.reached = reached;
        this.exclude = exclude;
        this.patience = patience;
        this.pause = pause;
    }

    /** Excludes a peer if its process has ended. Called after the others were asked for probes. Blocks. */
    void check(Peer peer) {
        if (refuses.test(peer)) {
            pause.accept(patience);
            if (!reached.test(peer) && refuses.test(peer)) {
                exclude.accept(peer);
            }
        }
    }
}
