package io.heliodor.session;

import io.heliodor.channel.Leaving;
import io.heliodor.channel.Socket;
import io.heliodor.channel.TopicPattern;
import io.heliodor.limit.TokenBucket;
import io.heliodor.wire.Decoded;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Malformed;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: the rules by which its frames reach its channels, and by which it ends.
 *
 * <p>Owned by its lane's thread: the transport calls it there and nowhere else. Its life: {@link #open}, any number of
 * {@link #text} and {@link #binary}, then {@link #disconnected} or a close of its own.
 *
 * @param <S> the type of the connection's assigns
 */
public final class Session<S> implements Socket<S> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private static final int MALFORMED_BURST = 5;
    private static final int MALFORMED_PER_SECOND = 1;
    private static final int PING_BURST = 100;
    private static final int PINGS_PER_SECOND = 10;

    private static final Payload.Json EMPTY = json("{}");
    private static final Payload.Json UNMATCHED = json("{\"reason\":\"unmatched topic\"}");
    private static final Payload.Json INVALID_TOPIC = json("{\"reason\":\"invalid topic\"}");
    private static final Payload.Json TOO_MANY = json("{\"reason\":\"too many channels joined\"}");
    private static final Payload.Json DRAINING = json("{\"reason\":\"draining\"}");
    private static final Payload.Json REPLACED = json("{\"reason\":\"replaced by a later join\"}");
    private static final Payload.Json CRASHED = json("{\"reason\":\"channel_crash\"}");

    private final Hub hub;
    private final Lane lane;
    private final Connection connection;
    private final Routes<S> routes;
    private final Serializer serializer;
    private final S assigns;
    private final @Nullable String id;
    private final Outbox outbox;

    /** A client has a handful of channels, 100 at the most: walking a list beats hashing a fresh string. */
    private final List<ChannelProcess<S, ?>> channels = new ArrayList<>(1);

    /** Its place among the lane's sessions. */
    int index;

    /** Channels whose handlers and hooks have not returned for good, closed ones too. */
    private int unfinished;

    private boolean closed;
    private boolean heard = true;
    private long quietSince;
    private int fullMailboxes;
    private long fullSince;
    private @Nullable TokenBucket malformed;
    private @Nullable TokenBucket pings;

    Session(
            Hub hub,
            Lane lane,
            Connection connection,
            Routes<S> routes,
            Serializer serializer,
            S assigns,
            Optional<String> id) {
        this.hub = hub;
        this.lane = lane;
        this.connection = connection;
        this.routes = routes;
        this.serializer = serializer;
        this.assigns = assigns;
        this.id = id.orElse(null);
        this.outbox = new Outbox(this, connection);
    }

    /** The connection is established. */
    public void open() {
        lane.add(this);
        hub.opened(this);
    }

    Hub hub() {
        return hub;
    }

    Lane lane() {
        return lane;
    }

    Outbox outbox() {
        return outbox;
    }

    Serializer serializer() {
        return serializer;
    }

    @Override
    public S assigns() {
        return assigns;
    }

    @Override
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    @Override
    public void disconnect() {
        lane.add(new Entry.Task(() -> close(1001, "disconnected by the server", new Leaving.Closed())));
    }

    /**
     * Whether the session has ended.
     *
     * @return whether frames are ignored from now on
     */
    public boolean closed() {
        return closed;
    }

    /**
     * Takes a text message.
     *
     * @param message what holds it; not written to again
     * @param from its first byte
     * @param to behind its last byte
     */
    public void text(byte[] message, int from, int to) {
        if (!closed) {
            heard = true;
            receive(serializer.decodeText(message, from, to));
        }
    }

    /**
     * Takes a binary message.
     *
     * @param message what holds it; not written to again
     * @param from its first byte
     * @param to behind its last byte
     */
    public void binary(byte[] message, int from, int to) {
        if (!closed) {
            heard = true;
            receive(serializer.decodeBinary(message, from, to));
        }
    }

    /**
     * Takes note of a ping.
     *
     * @return whether to answer it; if not, the session has ended
     */
    public boolean ping() {
        heard = true;
        if (pings == null) {
            pings = new TokenBucket(PING_BURST, PINGS_PER_SECOND, hub.now());
        }
        if (!closed && !pings.take(hub.now())) {
            hub.counts().increment(Count.CLOSED_PINGS);
            close(4429, "too many pings", new Leaving.Closed());
        }
        return !closed;
    }

    /** Takes note of a pong. */
    public void pong() {
        heard = true;
    }

    /** The socket takes bytes again. */
    public void writable() {
        outbox.flush();
    }

    /** The connection is gone. */
    public void disconnected() {
        if (!closed) {
            end(new Leaving.Disconnected(), false);
        }
    }

    /**
     * Ends the session and its connection.
     *
     * @param code the close code
     * @param reason for people
     * @param why what its channels are told
     */
    public void close(int code, String reason, Leaving why) {
        close(code, reason, why, false);
    }

    private void close(int code, String reason, Leaving why, boolean interrupt) {
        if (!closed) {
            end(why, interrupt);
            connection.close(code, reason);
        }
    }

    private void end(Leaving why, boolean interrupt) {
        closed = true;
        for (ChannelProcess<S, ?> channel : channels) {
            channel.closeWire();
            channel.end(why, interrupt);
        }
        hub.counts().add(Count.CHANNELS, -channels.size());
        channels.clear();
        outbox.close();
        lane.remove(this);
        hub.closed(this);
    }

    private void receive(Decoded decoded) {
        switch (decoded) {
            case Frame frame -> {
                hub.counts().increment(Count.FRAMES_IN);
                receive(frame);
            }
            case Malformed(var fault) -> malformed(fault);
        }
    }

    private void malformed(Malformed.Fault fault) {
        hub.counts().increment(Count.FRAMES_MALFORMED);
        if (fault == Malformed.Fault.NOT_UTF8) {
            hub.counts().increment(Count.CLOSED_PROTOCOL);
            close(1007, "text is not UTF-8", new Leaving.Closed());
            return;
        }
        LOG.debug("A message is no frame: {}", fault);
        if (malformed == null) {
            malformed = new TokenBucket(MALFORMED_BURST, MALFORMED_PER_SECOND, hub.now());
        }
        if (!malformed.take(hub.now())) {
            hub.counts().increment(Count.CLOSED_MALFORMED);
            close(4400, "malformed frames", new Leaving.Closed());
        }
    }

    /** The decision table of the protocol: what a frame means in the present state of its topic. */
    private void receive(Frame frame) {
        if (frame.topic().equals("phoenix") && frame.event().equals("heartbeat")) {
            outbox.offer(ok(Ref.NULL, frame.ref(), "phoenix"));
            return;
        }
        ChannelProcess<S, ?> channel = find(frame.topic());
        if (frame.event().equals("phx_join")) {
            join(frame, channel);
        } else if (channel == null) {
            notJoined(frame);
        } else if (frame.joinRef().isNull() || frame.joinRef().equals(channel.joinOf())) {
            channel.post(new Mail.Said(frame));
        } else {
            hub.counts().increment(Count.FRAMES_STALE);
        }
    }

    private void join(Frame frame, @Nullable ChannelProcess<S, ?> old) {
        // A client that gave none, and is told none, has only the ref of its messages to go by.
        Ref joinRef = frame.joinRef().isNull() && serializer.carriesJoinRef() ? frame.ref() : frame.joinRef();
        String topic = frame.topic();
        if (!TopicPattern.validTopic(topic)) {
            refuse(joinRef, frame.ref(), topic, INVALID_TOPIC);
            return;
        }
        if (hub.draining()) {
            refuse(joinRef, frame.ref(), topic, DRAINING);
            return;
        }
        Optional<Callbacks<S, ?>> route = routes.route(topic);
        if (route.isEmpty()) {
            LOG.debug("No channel serves topic {}", topic);
            refuse(Ref.NULL, frame.ref(), topic, UNMATCHED);
            return;
        }
        int most = hub.limits().channelsPerSocket();
        // A handler that blocks outlives its channel; joining the same topic for ever must not heap such up.
        if ((old == null && channels.size() >= most) || unfinished / 2 >= most) {
            refuse(joinRef, frame.ref(), topic, TOO_MANY);
            return;
        }
        if (old != null) {
            replace(old);
        }
        ChannelProcess<S, ?> process = new ChannelProcess<>(this, route.get(), topic, joinRef, frame.ref());
        channels.add(process);
        unfinished++;
        hub.counts().increment(Count.CHANNELS);
        process.post(new Mail.JoinRequested(frame.payload()));
    }

    private void replace(ChannelProcess<S, ?> old) {
        channels.remove(old);
        hub.counts().add(Count.CHANNELS, -1);
        if (old.joining()) {
            old.closeWire(error(old.joinRef(), old.requestRef(), old.topic(), REPLACED));
        } else if (old.joinRef().isNull()) {
            old.closeWire(); // a close that does not say of which join would be taken for that of the new one
        } else {
            old.closeWire(phxClose(old.joinRef(), old.topic()));
        }
        old.end(new Leaving.Replaced(), true);
    }

    private void refuse(Ref joinRef, Ref ref, String topic, Payload.Json reason) {
        hub.counts().increment(Count.JOINS_REFUSED);
        outbox.offer(error(joinRef, ref, topic, reason));
    }

    /** Answers a frame for a topic without a channel. */
    void notJoined(Frame frame) {
        if (closed) {
            return; // what waited in the mailboxes of a connection that ends has nobody left to be answered to
        }
        if (frame.event().equals("phx_leave")) {
            outbox.offer(ok(frame.joinRef(), frame.ref(), frame.topic()));
        } else {
            outbox.offer(error(Ref.NULL, frame.ref(), frame.topic(), UNMATCHED));
        }
    }

    private @Nullable ChannelProcess<S, ?> find(String topic) {
        for (int i = 0; i < channels.size(); i++) {
            ChannelProcess<S, ?> channel = channels.get(i);
            if (channel.topic().equals(topic)) {
                return channel;
            }
        }
        return null;
    }

    /** A channel closed itself on the wire. */
    void forget(ChannelProcess<?, ?> channel) {
        if (channels.remove(channel)) {
            hub.counts().add(Count.CHANNELS, -1);
        }
    }

    /** A channel's handlers and hooks have returned for good. */
    void channelFinished() {
        unfinished--;
    }

    int unfinished() {
        return unfinished;
    }

    /** A mailbox reached its bound: no frame is read until it has room. */
    void mailboxFull() {
        if (fullMailboxes++ == 0 && !closed) {
            fullSince = hub.now();
            connection.reading(false);
        }
    }

    /** A mailbox has room again. Any thread may call it. */
    void mailboxDrained() {
        // Not at once, on the loop neither: reading on brings frames, and the caller is in the middle of a channel's
        // end.
        lane.add(new Entry.Task(this::readOn));
    }

    private void readOn() {
        if (--fullMailboxes == 0 && !closed) {
            connection.reading(true);
        }
    }

    /** A channel with an intercept does not keep up with the broadcasts of its topic. */
    void mailboxOverrun(ChannelProcess<?, ?> channel) {
        // Not at once: the caller walks the members of the topic.
        lane.add(new Entry.Task(() -> {
            if (channels.remove(channel)) {
                LOG.warn("Channel {} does not keep up with its intercepted broadcasts; it ends.", channel.topic());
                hub.counts().add(Count.CHANNELS, -1);
                hub.counts().increment(Count.CHANNELS_FAILED);
                channel.closeWire(phxError(channel.joinRef(), channel.topic()));
                channel.end(
                        new Leaving.Failed(new IllegalStateException("its mailbox was full when a broadcast came")),
                        false);
            }
        }));
    }

    /** The client does not read; nothing more is queued for it. */
    void tooSlow(long bytes) {
        outbox.close();
        // Not at once: the caller may walk the members of a topic.
        lane.add(new Entry.Task(() -> closeSlow(bytes + " bytes wait")));
    }

    private void closeSlow(String what) {
        if (!closed) {
            LOG.warn("Client {} does not read ({}); its connection is closed with 4408.", id == null ? "-" : id, what);
            hub.counts().increment(Count.CLOSED_SLOW);
            close(4408, "slow reader", new Leaving.Closed());
        }
    }

    /** Looks at the clocks. */
    void sweep(long now) {
        if (fullMailboxes > 0) {
            // A message filled the mailbox, so the client counts as heard until it is read again.
            if (now - fullSince >= hub.limits().mailboxFull().toNanos()) {
                hub.counts().increment(Count.CLOSED_MAILBOX_FULL);
                LOG.warn("Client {} has filled a mailbox whose handler does not return; it is closed with 1008.", id);
                close(1008, "mailbox full", new Leaving.Closed(), true);
                return;
            }
        } else if (heard) {
            heard = false;
            quietSince = now;
        } else if (now - quietSince >= hub.limits().idle().toNanos()) {
            hub.counts().increment(Count.CLOSED_IDLE);
            close(1001, "idle", new Leaving.HeartbeatTimeout());
            return;
        }
        if (outbox.stalled(now, hub.limits().stalled().toNanos())) {
            closeSlow("nothing was taken for " + hub.limits().stalled());
        }
    }

    byte[] ok(Ref joinRef, Ref ref, String topic) {
        return serializer.reply(joinRef, ref, topic, "ok", EMPTY);
    }

    private byte[] error(Ref joinRef, Ref ref, String topic, Payload.Json reason) {
        return serializer.reply(joinRef, ref, topic, "error", reason);
    }

    byte[] phxClose(Ref joinRef, String topic) {
        return serializer.push(joinRef, joinRef, topic, "phx_close", EMPTY);
    }

    byte[] phxError(Ref joinRef, String topic) {
        return serializer.push(joinRef, joinRef, topic, "phx_error", CRASHED);
    }

    private static Payload.Json json(String text) {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }
}
