package io.heliodor.node;

import io.heliodor.link.Link;
import io.heliodor.link.LinkCounter;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.node.wiring.NodeWire;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The link of a node and its wire. It is opened once, and the parts of the node wait for it. Any thread may use it. */
final class NodeLink {
    private final CompletableFuture<Link> linked = new CompletableFuture<>();
    private volatile @Nullable NodeWire wire;
    private volatile @Nullable SessionLink link;

    /** The link that the parts of the node send through. */
    private volatile @Nullable Link outgoing;

    /** Opens the wire, and the link over it. If that fails, nothing waits for the link any more. */
    <E extends Exception> void open(
            NodeWire.Opener<E> opening, Link.Listener listener, Time time, int capacity, Duration stall) throws E {
        boolean running = false;
        try {
            SessionLink opened = SessionLink.start(
                    events -> {
                        NodeWire connecting = opening.open(events);
                        wire = connecting;
                        return connecting.wire();
                    },
                    listener,
                    time,
                    capacity,
                    stall);
            link = opened;
            Link sending = wire().outgoing(opened);
            outgoing = sending;
            linked.complete(sending);
            running = true;
        } finally {
            if (!running) {
                // A task that waits for the link must continue, or the loop would not end.
                linked.cancel(false);
            }
        }
    }

    /** The link to send through. Waits for it while it is being opened, since its first events may need it. */
    Link outgoing() {
        Link present = outgoing;
        return present == null ? linked.join() : present;
    }

    /**
     * The wire.
     *
     * @throws IllegalStateException when it is not open
     */
    NodeWire wire() {
        NodeWire present = wire;
        if (present == null) {
            throw new IllegalStateException("The node is not open.");
        }
        return present;
    }

    /** The value of a counter; 0 before the link is open. */
    long count(LinkCounter counter) {
        SessionLink present = link;
        return present == null ? 0 : present.counters().get(counter);
    }

    /** A number of the wire; 0 before it is open. */
    long read(ToLongFunction<NodeWire> number) {
        NodeWire present = wire;
        return present == null ? 0 : number.applyAsLong(present);
    }

    /** The bytes that are queued for a member or in flight to it; 0 before the link is open. */
    long queuedBytes(Peer peer) {
        SessionLink present = link;
        return present == null ? 0 : present.queued(peer);
    }

    /** The state of the link to a member. */
    LinkState state(Peer peer, Optional<Duration> roundTrip) {
        NodeWire over = wire;
        return new LinkState(
                peer.node(),
                queuedBytes(peer),
                roundTrip,
                over == null ? OptionalInt.empty() : over.version(peer),
                Optional.ofNullable(over).flatMap(some -> some.through(peer)).map(Peer::node));
    }

    /** Whether it has nothing to do, or is not open. */
    boolean isQuiescent(Predicate<Peer> stuck) {
        SessionLink present = link;
        return present == null || present.isQuiescent(stuck);
    }

    long wakes() {
        SessionLink present = link;
        return present == null ? 0 : present.wakes();
    }

    /** Closes the link; without an effect before it is open. */
    void close() {
        SessionLink present = link;
        if (present != null) {
            present.close();
        }
    }
}
