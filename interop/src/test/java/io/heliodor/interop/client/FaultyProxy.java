package io.heliodor.interop.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Forwards the bytes of connections to a server, cuts them and holds them up. */
final class FaultyProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private boolean isHeld;
    private volatile boolean refuses;

    FaultyProxy(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Resets all connections: what is on the way is lost. */
    void cut() {
        sockets.forEach(FaultyProxy::reset);
        sockets.clear();
    }

    /** Resets new connections, too, until they are allowed. */
    void refuse(boolean refused) {
        refuses = refused;
        if (refused) {
            cut();
        }
    }

    /** Forwards nothing until it goes on; all connections stay. */
    synchronized void hold(boolean held) {
        isHeld = held;
        notifyAll();
    }

    private synchronized void awaitGo() throws InterruptedException {
        while (isHeld) {
            wait();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (refuses) {
                    reset(client);
                    continue;
                }
                sockets.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            Thread.ofVirtual().start(() -> forward(client, server));
            forward(server, client);
        } catch (IOException e) {
            end(client); // the server does not run
        }
    }

    private void forward(Socket from, Socket to) {
        byte[] buffer = new byte[8_192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                awaitGo();
                out.write(buffer, 0, length);
            }
        } catch (IOException | InterruptedException e) {
            // One of the ends was cut: so is the other one.
        }
        end(from);
        end(to);
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        reset(socket);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed by the other direction
        }
    }

    @Override
    public void close() throws IOException {
        hold(false);
        listener.close();
        cut();
    }
}
