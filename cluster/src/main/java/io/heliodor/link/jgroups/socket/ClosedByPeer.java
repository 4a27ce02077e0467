package io.heliodor.link.jgroups.socket;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the peer closes or resets a connection during the handshake, without a refusal. It may have too many
 * handshakes at the moment, or be about to end: the next attempt may succeed.
 */
final class ClosedByPeer extends IOException {
    private static final long serialVersionUID = 1L;

    ClosedByPeer(IOException cause) {
        super("it closed the connection before it answered: " + cause.getMessage(), cause);
    }

    /** Whether an exception of connecting shows a reset. Java has no type for it. */
    static boolean isReset(SocketException e) {
        return e.getMessage() != null && e.getMessage().startsWith("Connection reset");
    }

    /** Whether an exception of a handshake shows the end of the connection alone, and nothing that is wrong with the peer. */
    static boolean caused(Exception e) {
        if (!(e instanceof SSLException)) {
            return e instanceof EOFException || e instanceof SocketException;
        }
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException || cause instanceof SocketException) {
                return true;
            }
        }
        return false;
    }
}
