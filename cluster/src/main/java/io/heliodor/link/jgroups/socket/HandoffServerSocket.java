package io.heliodor.link.jgroups.socket;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server socket that JGroups gets. It does not listen: {@link #accept} returns connections that a
 * {@link HandshakeAcceptor} has accepted and authenticated.
 */
final class HandoffServerSocket extends ServerSocket {
    private static final int MAX_WAITING = 256;

    private final int port;
    private final BlockingQueue<PeerSocket> accepted = new LinkedBlockingQueue<>(MAX_WAITING);
    private volatile boolean closed;

    HandoffServerSocket(int port) throws IOException {
        this.port = port;
    }

    /** Hands a connection over. Returns false if this is closed, or JGroups does not accept. */
    boolean offer(PeerSocket socket) {
        return !closed && accepted.offer(socket);
    }

    @Override
    public Socket accept() throws IOException {
        try {
            while (!closed) {
                PeerSocket socket = accepted.poll(1, TimeUnit.SECONDS);
                if (socket != null) {
                    return socket;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new SocketException("closed");
    }

    @Override
    public void close() {
        closed = true;
        for (PeerSocket socket = accepted.poll(); socket != null; socket = accepted.poll()) {
            socket.abort();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void bind(@Nullable SocketAddress address) {
        // The ListeningSocket is bound already.
    }

    @Override
    public void bind(@Nullable SocketAddress address, int backlog) {
        // The ListeningSocket is bound already.
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public int getLocalPort() {
        return port;
    }

    @Override
    public void setReuseAddress(boolean on) {
        // An option of the ListeningSocket.
    }

    @Override
    public void setReceiveBufferSize(int size) {
        // An option of the ListeningSocket.
    }
}
