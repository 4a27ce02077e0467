package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A connection whose ends know each other.
 *
 * @param raw what is closed to end it, whatever the other one does
 * @param socket the same, secured
 * @param in what the peer sends
 * @param out to the peer
 * @param peer who is at the other end
 * @param version the version of the protocol that both ends use
 */
record AuthenticatedConnection(Socket raw, Socket socket, InputStream in, OutputStream out, Peer peer, int version) {
    AuthenticatedConnection(Socket raw, Socket socket, Peer peer, int version) throws IOException {
        this(raw, socket, socket.getInputStream(), socket.getOutputStream(), peer, version);
    }

    /** At once: nothing is sent any more, and nobody waits for it. */
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
