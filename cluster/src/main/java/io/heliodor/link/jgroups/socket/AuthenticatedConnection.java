package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A connection after its handshake: both ends have proved who they are.
 *
 * @param raw the TCP socket; closing it ends the connection, whatever the peer does
 * @param socket the same connection secured by TLS, or {@code raw} without TLS
 * @param in what the peer sends
 * @param out to the peer
 * @param peer the node at the other end
 * @param version the version of the protocol that both ends use
 */
record AuthenticatedConnection(Socket raw, Socket socket, InputStream in, OutputStream out, Peer peer, int version) {
    AuthenticatedConnection(Socket raw, Socket socket, Peer peer, int version) throws IOException {
        this(raw, socket, socket.getInputStream(), socket.getOutputStream(), peer, version);
    }

    /** Closes a socket with a reset: pending bytes are discarded, and the call does not wait for the peer. */
    static void abort(Socket raw) {
        try {
            raw.setSoLinger(true, 0);
        } catch (IOException e) {
            PeerSockets.log.trace("A socket that is to be closed is closed already.", e);
        }
        close(raw);
    }

    static void close(Socket raw) {
        try {
            raw.close();
        } catch (IOException e) {
            PeerSockets.log.trace("A socket cannot be closed.", e);
        }
    }
}
