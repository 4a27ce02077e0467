package io.heliodor.link.jgroups;

import io.heliodor.fixtures.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP relay in front of a node: other nodes connect to it, and a test can cut their connections. */
final class Relay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int target;

    Relay() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Chooses a free port for the node to listen at. */
    int newTarget() {
        target = FreePort.find();
        return target;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket from = server.accept();
                open.add(from);
                Thread.ofVirtual().start(() -> pass(from));
            } catch (IOException e) {
                // The relay is closed, or the connection is closed already.
            }
        }
    }

    private void pass(Socket from) {
        try (from;
                Socket to = new Socket(InetAddress.getLoopbackAddress(), target)) {
            open.add(to);
            Thread back = Thread.ofVirtual().start(() -> pump(to, from));
            pump(from, to);
            back.join();
            open.remove(to);
        } catch (IOException e) {
            // Nothing listens at the target.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            abort(from);
            abort(to);
        }
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // The socket is closed already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // The socket is closed already.
        }
    }

    /** Ends all connections that go through here; what is under way in them is lost. */
    void cut() {
        open.forEach(Relay::abort);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
