package io.heliodor.link.jgroups.socket;

import io.heliodor.link.WireException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
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
     * @param advertise the address to advertise, resolved, with port 0 for the bound one; empty for the bound address
     * @throws WireException with {@code PORT_IN_USE} or {@code BAD_ADDRESS}
     */
    public static ListeningSocket bind(InetSocketAddress bind, Optional<InetSocketAddress> advertise)
            throws WireException {
        ServerSocket socket = listen(bind);
        InetSocketAddress given = advertise.orElseGet(() -> new InetSocketAddress(socket.getInetAddress(), 0));
        try {
            InetAddress at = given.getAddress().isAnyLocalAddress() ? InetAddress.getLocalHost() : given.getAddress();
            return new ListeningSocket(
                    socket, new InetSocketAddress(at, given.getPort() == 0 ? socket.getLocalPort() : given.getPort()));
        } catch (UnknownHostException e) {
            close(socket);
            throw new WireException(
                    WireException.Code.BAD_ADDRESS,
                    "A node that listens at all addresses must say by which one others reach it, with advertise(host, port).",
                    e);
        }
    }

    /** The address at which this node reaches itself. */
    public InetSocketAddress local() {
        InetAddress bound = socket.getInetAddress();
        return new InetSocketAddress(
                bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound, socket.getLocalPort());
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
                    WireException.Code.BAD_ADDRESS,
                    "Cannot listen at " + at.getHostString() + ":" + at.getPort() + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            PeerSockets.log.debug("A listening socket cannot be closed.", e);
        }
    }
}
