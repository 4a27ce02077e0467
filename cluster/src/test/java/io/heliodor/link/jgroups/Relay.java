package io.heliodor.link.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands before a node: others reach it through here, and their connections can be cut without its doing. */
final class Relay implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int behind;

    Relay() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) door.getLocalSocketAddress();
    }

    /** Draws a port for the node to listen at. */
    int behind() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            behind = free.getLocalPort();
            return behind;
        }
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket from = door.accept();
                open.add(from);
                Thread.ofVirtual().start(() -> pass(from));
            } catch (IOException e) {
                // Closed, or who came is gone already.
            }
        }
    }

    private void pass(Socket from) {
        try (from;
                Socket to = new Socket(InetAddress.getLoopbackAddress(), behind)) {
            open.add(to);
            Thread back = Thread.ofVirtual().start(() -> pump(to, from));
            pump(from, to);
            back.join();
            open.remove(to);
        } catch (IOException e) {
            // Nobody is behind.
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
            // It was over already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // So it was.
        }
    }

    /** Ends all connections that go through here; what is under way in them is lost. */
    void cut() {
        open.forEach(Relay::abort);
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }
}
