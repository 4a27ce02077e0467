package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Wire;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A connection by which this node sends packets to a peer. The peer sends nothing: reading only notices the end. See
 * {@code docs/design/data-connection.md}.
 */
final class DataConnection implements Wire.Way {
    private static final int BUFFER = 64 << 10;

    private final AuthenticatedConnection connection;
    private final Consumer<DataConnection> failed;
    private final Consumer<DataConnection> givenUp;
    private final AtomicBoolean over = new AtomicBoolean();
    private final long begun = System.nanoTime();

    /** Of the thread that sends: a frame is one write. */
    private final byte[] frame = new byte[BUFFER];

    /**
     * A connection after its handshake. One of the two callbacks is called once, by any thread, unless {@link #close} comes first.
     *
     * @param failed called when it has ended
     * @param givenUp called when its user has given it up
     */
    DataConnection(
            AuthenticatedConnection connection, Consumer<DataConnection> failed, Consumer<DataConnection> givenUp) {
        this.connection = connection;
        this.failed = failed;
        this.givenUp = givenUp;
    }

    /** Begins to read, so that the end is noticed. */
    void start() {
        Thread.ofVirtual().name("heliodor-data-out").start(this::awaitEnd);
    }

    private void awaitEnd() {
        try {
            int _ = connection.in().read();
        } catch (IOException e) {
            PeerSockets.log.trace("The data connection to {} has ended.", connection.peer(), e);
        }
        fail();
    }

    /** How long it has lasted, in nanoseconds. */
    long age() {
        return System.nanoTime() - begun;
    }

    @Override
    public void send(byte[] packet) throws InterruptedException {
        if (over.get()) {
            return;
        }
        byte[] out = packet.length + DataFrames.HEADER <= BUFFER ? frame : new byte[packet.length + DataFrames.HEADER];
        int length = DataFrames.write(packet, out);
        boolean sent = false;
        try {
            connection.out().write(out, 0, length);
            sent = true;
        } catch (IOException e) {
            PeerSockets.log.debug("The data connection to {} has failed.", connection.peer(), e);
        } finally {
            if (!sent) {
                fail();
            }
        }
        if (!sent && Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public void end() {
        end(givenUp);
    }

    /** Ends it, because it has failed, or its peer is not reached. */
    void fail() {
        end(failed);
    }

    private void end(Consumer<DataConnection> how) {
        if (over.compareAndSet(false, true)) {
            AuthenticatedConnection.abort(connection.raw());
            how.accept(this);
        }
    }

    /** Ends it without a callback: at once, or after the bytes that were sent. */
    void close(boolean atOnce) {
        if (over.compareAndSet(false, true)) {
            if (atOnce) {
                AuthenticatedConnection.abort(connection.raw());
            } else {
                AuthenticatedConnection.close(connection.raw());
            }
        }
    }
}
