package io.heliodor.testkit;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.LeaveReason;
import io.heliodor.event.CloseCode;
import io.heliodor.session.Acceptance;
import io.heliodor.session.Connection;
import io.heliodor.session.Count;
import io.heliodor.session.Hub;
import io.heliodor.session.Lane;
import io.heliodor.session.Loop;
import io.heliodor.session.Routes;
import io.heliodor.session.Session;
import io.heliodor.wire.Serializer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A connection whose client takes everything at once, or nothing while it does not read: a kit has no buffers of a network.
 * Touched on the loop alone, except for {@link #send} and {@link #cut}.
 */
final class KitConnection implements Connection {
    /** What it brings to the client; on the loop. */
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

    /** Whether the client reads. */
    private boolean clientReads = true;

    private long pending;
    private long taken;

    /** The process of the server was killed: nothing passes any more. */
    private volatile boolean cut;

    private <S> KitConnection(
            KitLoop loop,
            Hub hub,
            Lane lane,
            Routes<S> routes,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Listener listener) {
        this.loop = loop;
        this.hub = hub;
        this.listener = listener;
        this.session = hub.session(lane, this, routes, serializer, accepted, acceptance, Optional.empty());
    }

    static <S> KitConnection open(
            KitLoop loop,
            Hub hub,
            Lane lane,
            Routes<S> routes,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Listener listener) {
        return new KitConnection(loop, hub, lane, routes, serializer, accepted, acceptance, listener);
    }

    Session<?> session() {
        return session;
    }

    /** Hands a message of the client over. Any thread. */
    void send(byte[] message) {
        loop.execute(() -> comes(message));
    }

    /** Nothing passes from now on, in neither direction. Any thread. */
    void cut() {
        cut = true;
    }

    /** The client reads, or stops reading. */
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

    private void comes(byte[] message) {
        if (cut || session.closed()) {
            return;
        }
        if (!reading) {
            held.add(message);
        } else if (message.length > hub.sessionLimits().maxMessageBytes()) {
            // The bound that the transport keeps.
            hub.counts().increment(Count.CLOSED_TOO_LARGE);
            session.close(CloseCode.TOO_LARGE, "message too large", new LeaveReason.Closed());
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
    public void write(byte[] bytes, int from, int to, boolean first, boolean last) {
        pieces.write(bytes, from, to - from);
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
    public void check() {
        // It does not break without notice.
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        while (reading && !held.isEmpty()) {
            comes(held.remove());
        }
    }

    @Override
    public void close(int code, String reason) {
        flush();
        listener.closed(code, reason);
    }
}
