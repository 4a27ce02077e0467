package io.heliodor.link.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * Where a node listens, and where others reach it.
 *
 * @param listening bound
 * @param advertised what others are told
 */
record ListeningSocket(ServerSocket listening, InetSocketAddress advertised) implements AutoCloseable {
    private static final int BACKLOG = 256;

    /** Takes the address to listen at. */
    static ListeningSocket take(InetSocketAddress bind, Optional<InetSocketAddress> elsewhere) throws WireException {
        Optional<InetSocketAddress> told = elsewhere.map(ListeningSocket::resolved);
        ServerSocket listening = listen(bind);
        int port = listening.getLocalPort();
        InetSocketAddress advertised = told.map(given ->
                        new InetSocketAddress(given.getAddress(), given.getPort() == 0 ? port : given.getPort()))
                .orElseGet(() -> new InetSocketAddress(anyOf(listening.getInetAddress()), port));
        return new ListeningSocket(listening, advertised);
    }

    /** Where this node reaches itself. */
    InetSocketAddress here() {
        InetAddress bound = listening.getInetAddress();
        return new InetSocketAddress(
                bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound, listening.getLocalPort());
    }

    private static InetSocketAddress resolved(InetSocketAddress address) {
        InetSocketAddress again =
                address.isUnresolved() ? new InetSocketAddress(address.getHostString(), address.getPort()) : address;
        if (again.isUnresolved()) {
            throw new IllegalArgumentException("The name " + address.getHostString() + " has no address.");
        }
        return again;
    }

    private static ServerSocket listen(InetSocketAddress at) throws WireException {
        try {
            ServerSocket listening = new ServerSocket();
            try {
                listening.setReuseAddress(true); // connections of a life before may linger
                listening.bind(at, BACKLOG);
                return listening;
            } catch (IOException e) {
                listening.close();
                throw e;
            }
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("in use")) {
                throw new WireException(
                        WireException.Code.PORT_IN_USE,
                        "Port " + at.getPort() + " is in use on " + at.getHostString()
                                + "; stop the program that has it, or choose another port, or 0 for a free one.",
                        e);
            }
            throw new WireException(
                    WireException.Code.BAD_ADDRESS, "Cannot listen at " + at + ": " + e.getMessage(), e);
        }
    }

    private static InetAddress anyOf(InetAddress bound) {
        try {
            return bound.isAnyLocalAddress() ? InetAddress.getLocalHost() : bound;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "A node that listens at all addresses must be told which of them to advertise.", e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            PeerSockets.log.debug("A listening socket cannot be closed.", e);
        }
    }
}
