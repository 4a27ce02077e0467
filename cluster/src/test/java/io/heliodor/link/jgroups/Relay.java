package io.heliodor.link.jgroups;

import io.heliodor.fixtures.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** A TCP relay in front of a node: other nodes connect to it, and a test can cut their connections. */
final class Relay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> accepted = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile Socket last;

    /** While it is held, connections are accepted, and nothing is read from them. */
    private final Semaphore passing = new Semaphore(Integer.MAX_VALUE);

    private volatile int acceptedCount;

    /** Connections by which nothing passes any more. */
    private final Set<Socket> hanging = ConcurrentHashMap.newKeySet();

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
                accepted.add(from);
                last = from;
                acceptedCount = accepted.size();
                Thread.ofVirtual().start(() -> pass(from));
            } catch (IOException e) {
                // The relay is closed, or the connection is closed already.
            }
        }
    }

    private void pass(Socket from) {
        passing.acquireUninterruptibly();
        passing.release();
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

    private void pump(Socket from, Socket to) {
        try {
            byte[] bytes = new byte[64 << 10];
            InputStream in = from.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                if (!hanging.contains(from) && !hanging.contains(to)) {
                    to.getOutputStream().write(bytes, 0, count);
                }
            }
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

    /** Passes nothing any more by the connections that are open but the last one. Their ends do not notice. */
    void hangAllButLast() {
        Socket except = last;
        accepted.stream().filter(socket -> !socket.equals(except)).forEach(hanging::add);
    }

    /** Passes nothing any more by the connection that was accepted last. Its ends do not notice. */
    void hangLast() {
        hanging.add(last);
    }

    /** From now on accepts connections, and reads nothing from them, until {@link #release}. */
    void hold() {
        passing.acquireUninterruptibly(Integer.MAX_VALUE);
    }

    void release() {
        passing.release(Integer.MAX_VALUE);
    }

    /** How many connections were accepted. */
    int acceptedCount() {
        return acceptedCount;
    }

    /** Ends the connection that was accepted last. */
    void cutLast() {
        abort(last);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
