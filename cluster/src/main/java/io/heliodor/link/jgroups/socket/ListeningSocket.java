package io.heliodor.link.jgroups.socket;

import io.heliodor.link.WireException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * The bound server socket of a node, and the address that it advertises.
 *
 * @param socket bound
 * @param advertised the address at which others reach this node
 */
public record ListeningSocket(ServerSocket socket, InetSocketAddress advertised) implements AutoCloseable {
    private static final int BACKLOG = 256;

    /**
     * Binds an address.
     *
     * @param advertise the address to advertise, with port 0 for the bound one; empty for the bound address
     * @throws WireException with {@code PORT_IN_USE} or {@code BAD_ADDRESS}
     */
    public static ListeningSocket bind(InetSocketAddress bind, Optional<InetSocketAddress> advertise)
            throws WireException {
        Optional<InetSocketAddress> resolved = advertise.map(ListeningSocket::resolved);
        ServerSocket socket = listen(bind);
        int port = socket.getLocalPort();
        InetSocketAddress advertised = resolved.map(given ->
                        new InetSocketAddress(given.getAddress(), given.getPort() == 0 ? port : given.getPort()))
                .orElseGet(() -> new InetSocketAddress(hostAddress(socket.getInetAddress()), port));
        return new ListeningSocket(socket, advertised);
    }

    /** The address at which this node reaches itself. */
    public InetSocketAddress local() {
        InetAddress bound = socket.getInetAddress();
        return new InetSocketAddress(
                bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound, socket.getLocalPort());
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
            ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true); // connections of a former incarnation may linger
                socket.bind(at, BACKLOG);
                return socket;
            } catch (IOException e) {
                socket.close();
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

    private static InetAddress hostAddress(InetAddress bound) {
        try {
            return bound.isAnyLocalAddress() ? InetAddress.getLocalHost() : bound;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "A node that listens at all addresses needs the address to advertise.", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            PeerSockets.log.debug("A listening socket cannot be closed.", e);
        }
    }
}
