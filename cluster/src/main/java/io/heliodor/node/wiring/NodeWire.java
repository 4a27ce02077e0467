package io.heliodor.node.wiring;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import io.heliodor.node.ConnectOutcome;
import java.util.Optional;
import java.util.OptionalInt;

/** The connection of a node to its cluster: a wire, and how to join and leave. */
public interface NodeWire {
    /**
     * The wire.
     *
     * @return it, open
     */
    Wire wire();

    /**
     * The link that the parts of the node send through. In production it is the one over this wire; a test kit refuses single
     * messages there.
     *
     * @param link the link over this wire
     * @return a link that sends through it
     */
    default Link outgoing(Link link) {
        return link;
    }

    /**
     * The port that it listens at.
     *
     * @return the port
     */
    int port();

    /**
     * Joins the cluster of another node.
     *
     * @param address {@code host:port}
     * @return how it ended
     */
    ConnectOutcome connect(String address);

    /** Leaves the cluster; the wire stays open, alone. */
    void disconnect();

    /**
     * The number of members that are reached through another one, because the link to them is broken.
     *
     * @return 0 or more
     */
    default long detours() {
        return 0;
    }

    /**
     * The member through which packets go to another one, because the link to that is broken.
     *
     * @param peer the other member
     * @return empty if packets go directly
     */
    default Optional<Peer> through(Peer peer) {
        return Optional.empty();
    }

    /**
     * The version of the protocol between this node and a member.
     *
     * @param peer the member
     * @return empty without a connection
     */
    default OptionalInt version(Peer peer) {
        return OptionalInt.empty();
    }

    /**
     * The number of packets of other nodes that were forwarded to members that they do not reach.
     *
     * @return 0 or more, since the start
     */
    default long forwarded() {
        return 0;
    }

    /**
     * The number of connections to the port of this node that were closed before the end of their handshake, because there
     * were too many.
     *
     * @return 0 or more, since the start
     */
    default long handshakesDropped() {
        return 0;
    }

    /**
     * Opens a wire.
     *
     * @param <E> the exception that it may throw
     */
    @FunctionalInterface
    interface Opener<E extends Exception> {
        /**
         * Opens it.
         *
         * @param listener receives the events of the wire, also before this method returns
         * @return it, open
         * @throws E when it could not be opened
         */
        NodeWire open(Wire.Listener listener) throws E;
    }
}
