package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads the packets of a peer on a platform thread of its own, which the kernel wakes without a poller. If the receiver waits,
 * the writes of the peer wait; heartbeats, which come by another connection, do not.
 */
final class DataReader {
    /** Shorter than the time after which a sender asks, and longer than a record of TLS, 16 KiB, takes over a link of 100 kbit/s. */
    private static final long LATELY = TimeUnit.MILLISECONDS.toNanos(2_500);

    private final AuthenticatedConnection connection;
    private final PacketReceiver receiver;
    private final Consumer<DataReader> ended;

    private final Thread thread;
    private final long begun = System.nanoTime();

    /** When bytes were last read. */
    private volatile long lastRead = begun;

    DataReader(AuthenticatedConnection connection, PacketReceiver receiver, Consumer<DataReader> ended) {
        this.connection = connection;
        this.receiver = receiver;
        this.ended = ended;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("heliodor-data-in " + connection.peer().node())
                .unstarted(this::run);
    }

    Peer peer() {
        return connection.peer();
    }

    void start() {
        thread.start();
    }

    private void run() {
        Peer from = peer();
        try {
            connection.raw().setKeepAlive(true);
            DataFrames frames = new DataFrames(connection.in());
            while (frames.fill()) {
                lastRead = System.nanoTime();
                frames.deliver((bytes, offset, length) -> receiver.received(from, bytes, offset, length));
            }
        } catch (IOException e) {
            PeerSockets.log.debug("The data connection of {} has ended: {}.", from, e.toString());
        } finally {
            end();
            ended.accept(this);
        }
    }

    boolean hasReadWithin(long nanos) {
        return System.nanoTime() - lastRead <= nanos;
    }

    boolean hasInput() {
        try {
            // A thread that gets no processor, or whose receiver waits, reads late: the sender repeats its requests
            // meanwhile.
            return hasReadWithin(LATELY) || connection.raw().getInputStream().available() > 0;
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    boolean isOlderThan(long nanos) {
        return System.nanoTime() - begun > nanos;
    }

    /** Ends the wait of the receiver, because the wire is closing. A read goes on. */
    void interrupt() {
        thread.interrupt();
    }

    /** Ends the connection. The peer sends again what was not read. */
    void end() {
        AuthenticatedConnection.abort(connection.raw());
    }
}
