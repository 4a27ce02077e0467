package io.heliodor.link.jgroups;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server socket that JGroups gets: accepts those only who were let in by the {@link HandshakeAcceptor}. */
final class HandoffServerSocket extends ServerSocket {
    private static final int MOST_WAITING = 256;

    private final int port;
    private final BlockingQueue<PeerSocket> arrived = new LinkedBlockingQueue<>(MOST_WAITING);
    private volatile boolean closed;

    HandoffServerSocket(int port) throws IOException {
        this.port = port;
    }

    /** False if it was closed or JGroups does not take them. */
    boolean offer(PeerSocket line) {
        return !closed && arrived.offer(line);
    }

    @Override
    public Socket accept() throws IOException {
        try {
            while (!closed) {
                PeerSocket line = arrived.poll(1, TimeUnit.SECONDS);
                if (line != null) {
                    return line;
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
        for (PeerSocket line = arrived.poll(); line != null; line = arrived.poll()) {
            line.abort();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void bind(@Nullable SocketAddress address) {
        // The door is open already.
    }

    @Override
    public void bind(@Nullable SocketAddress address, int backlog) {
        // The door is open already.
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
        // The door is open already.
    }

    @Override
    public void setReceiveBufferSize(int size) {
        // The door is open already.
    }
}
