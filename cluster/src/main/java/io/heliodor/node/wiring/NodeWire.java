package io.heliodor.node.wiring;

import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import io.heliodor.node.ConnectOutcome;
import java.util.Optional;
import java.util.OptionalInt;

/** A wire, and what a node asks of it beside sending. */
public interface NodeWire {
    /**
     * The wire.
     *
     * @return it, open
     */
    Wire wire();

    /**
     * Where it listens.
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
     * How many members are reached through another one, because the link to them is broken.
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
     * @return empty where packets go directly
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
     * How many packets of other nodes were sent on to members that they do not reach.
     *
     * @return 0 or more, since the start
     */
    default long forwarded() {
        return 0;
    }

    /**
     * Opens one.
     *
     * @param <E> what it may throw
     */
    @FunctionalInterface
    interface Opener<E extends Exception> {
        /**
         * Opens it.
         *
         * @param listener what the wire tells from the moment it knows something
         * @return it, open
         * @throws E when it could not be opened
         */
        NodeWire open(Wire.Listener listener) throws E;
    }
}
