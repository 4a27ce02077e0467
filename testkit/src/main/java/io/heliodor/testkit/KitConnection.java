package io.heliodor.testkit;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.session.ChannelRoutes;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.Session;
import io.heliodor.session.SessionClosing;
import io.heliodor.session.SessionEnd;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Loop;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.Slice;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The connection of a test client, without the buffers of a network: the client takes messages immediately, or none while it
 * does not read. Only the loop uses it, except for {@link #send} and {@link #cut}.
 */
final class KitConnection implements Connection {
    /** Receives the messages of the server, on the loop. */
    interface Listener {
        void received(byte[] message);

        void closed(int code, String reason);
    }

    private final KitLoop loop;
    private final Hub hub;
    private final Listener listener;
    private final Session<?> session;
    private final List<byte[]> appended = new ArrayList<>();
    private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();
    private final ArrayDeque<byte[]> held = new ArrayDeque<>();
    private boolean reading = true;

    /** Whether further messages are discarded, and only those that were held before are handled. */
    private boolean inputEnded;

    /** Ends the session after the messages that are held. */
    private Consumer<SessionClosing> end = SessionClosing::inputEnded;

    /** Whether the client reads. */
    private boolean clientReads = true;

    private long pending;
    private long taken;

    /** Whether the process of the server was killed: then no message passes. */
    private volatile boolean cut;

    <S> KitConnection(
            KitLoop loop,
            Hub hub,
            LaneSessions lane,
            ChannelRoutes<S> routes,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Listener listener) {
        this.loop = loop;
        this.hub = hub;
        this.listener = listener;
        this.session = hub.session(lane, this, routes, serializer, accepted, acceptance, Optional.empty());
    }

    Session<?> session() {
        return session;
    }

    /** Sends a message of the client. Any thread may call it. */
    void send(byte[] message) {
        loop.execute(() -> handle(message));
    }

    /** Ends the connection by its client, after the messages that are held. */
    void end(Consumer<SessionClosing> how) {
        inputEnded = true;
        if (held.isEmpty()) {
            how.accept(session.closing());
        } else {
            end = how;
            session.closing().cut();
        }
    }

    /** Blocks further messages in both directions. Any thread may call it. */
    void cut() {
        cut = true;
    }

    /** Starts or stops the reading of the client. */
    void clientReads(boolean on) {
        if (on) {
            clientReads = true;
            flush();
            session.writable();
        } else {
            flush();
            clientReads = false;
        }
    }

    private void handle(byte[] message) {
        if (!inputEnded) {
            receive(message);
        }
    }

    private void receive(byte[] message) {
        if (cut || session.closed()) {
            return;
        }
        if (!reading) {
            held.add(message);
        } else if (message.length > hub.sessionLimits().maxMessageBytes()) {
            // The transport enforces this limit.
            session.closing()
                    .closeAfterReplies(
                            SessionEnd.MESSAGE_TOO_LARGE,
                            "message over " + hub.sessionLimits().maxMessageBytes() + " bytes");
        } else if (Serializer.isBinary(message)) {
            session.binary(message, 0, message.length);
        } else {
            session.text(message, 0, message.length);
        }
    }

    @Override
    public void write(byte[] message) {
        appended.add(message);
        pending += message.length;
    }

    @Override
    public void write(List<Slice> piece, boolean first, boolean last) {
        piece.forEach(slice -> pieces.write(slice.bytes(), slice.from(), slice.length()));
        if (last) {
            write(pieces.toByteArray());
            pieces.reset();
        }
    }

    @Override
    public void write(Loop.Shared messages) {
        appended.addAll(((KitLoop.Messages) messages).messages());
        pending += messages.bytes();
    }

    @Override
    public void flush() {
        if (!clientReads) {
            return;
        }
        if (!cut) {
            appended.forEach(listener::received);
        }
        appended.clear();
        taken += pending;
        pending = 0;
    }

    @Override
    public boolean writable() {
        return clientReads;
    }

    @Override
    public long pending() {
        return pending;
    }

    @Override
    public long taken() {
        return taken;
    }

    @Override
    public long progress() {
        return taken;
    }

    @Override
    public boolean check() {
        return false; // it cannot be reset without notice
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        boolean some = !held.isEmpty();
        while (reading && !held.isEmpty()) {
            receive(held.remove());
        }
        if (some && inputEnded && held.isEmpty()) {
            end.accept(session.closing());
        }
    }

    @Override
    public void endInput() {
        inputEnded = true;
        if (held.isEmpty()) {
            session.closing().inputEnded();
        }
    }

    @Override
    public void close(int code, String reason) {
        flush();
        listener.closed(code, reason);
    }
}
