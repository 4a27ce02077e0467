package io.heliodor.session;

import io.heliodor.channel.Connect;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Socket;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.CloseCode;
import io.heliodor.event.Event;
import io.heliodor.observe.Observation;
import io.heliodor.wire.Frame;
import io.heliodor.wire.FrameOutcome;
import io.heliodor.wire.Malformed;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.net.InetAddress;
import java.time.Duration;
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

    /** The close code of a connection without a close frame (RFC 6455, 7.1.5). */
    private static final int BROKEN = 1006;

    /** The protocol's own, which no channel has: that of heartbeats, and of events for the connection itself. */
    private static final String OWN_TOPIC = "phoenix";

    private static final int MALFORMED_BURST = 5;
    private static final int MALFORMED_PER_SECOND = 1;
    private static final int PING_BURST = 100;
    private static final int PINGS_PER_SECOND = 10;

    private static final Payload.Json EMPTY = json("{}");
    private static final Payload.Json UNMATCHED = json("{\"reason\":\"unmatched topic\"}");
    private static final Payload.Json INVALID_TOPIC = json("{\"reason\":\"invalid topic\"}");
    private static final Payload.Json TOO_MANY = json("{\"reason\":\"too many channels joined\"}");
    private static final Payload.Json OVERLOADED = json("{\"reason\":\"overloaded\"}");
    private static final Payload.Json DRAINING = json("{\"reason\":\"draining\"}");
    private static final Payload.Json REPLACED = json("{\"reason\":\"replaced\"}");
    private static final Payload.Json REMOVED = json("{\"reason\":\"removed\"}");
    private static final Payload.Json JOIN_CRASHED = json("{\"reason\":\"join crashed\"}");
    private static final Payload.Json CRASHED = json("{\"reason\":\"channel_crash\"}");

    private final Hub hub;
    private final Lane lane;
    private final Connection connection;
    private final Routes<S> routes;
    private final Serializer serializer;
    private final S assigns;
    private final @Nullable String id;

    /** Made when it is asked for, if the client gave none: most connections are never spoken of. Guarded by this. */
    private @Nullable String correlation;

    private final Outbox outbox;

    /** A client has a handful of channels, 100 at the most: walking a list beats hashing a fresh string. */
    private final List<ChannelProcess<S, ?>> channels = new ArrayList<>(1);

    /** Its place among the lane's sessions. */
    int index;

    /** Channels whose handlers and hooks have not returned for good, closed ones too. */
    private int unfinished;

    private final FlowControl flow;
    private boolean closed;

    /** Set before the channels end; read by any thread. */
    private volatile boolean lost;

    private boolean heard = true;
    private long quietSince;
    private @Nullable TokenBucket malformed;
    private @Nullable TokenBucket pings;

    /** When it is closed in any case, by the lane's clock. */
    private boolean expires;

    private long expiry;

    private @Nullable Acceptance acceptance;

    /** When its acceptance began. */
    private volatile long begun;

    private volatile InetAddress client = InetAddress.getLoopbackAddress();

    /** None as long as nothing of this connection is limited. */
    private @Nullable Rates rates;

    Session(
            Hub hub,
            Lane lane,
            Connection connection,
            Routes<S> routes,
            Serializer serializer,
            S assigns,
            Optional<String> id,
            Optional<String> correlation) {
        this.hub = hub;
        this.lane = lane;
        this.connection = connection;
        this.routes = routes;
        this.serializer = serializer;
        this.assigns = assigns;
        this.id = id.orElse(null);
        this.correlation = correlation.orElse(null);
        this.flow = new FlowControl(this, hub, lane, connection);
        this.outbox = new Outbox(this, connection);
    }

    /** The connection is established. It is closed at once if its id was disconnected while it was accepted. */
    public void open() {
        lane.add(this);
        hub.memory().add(MemoryBudget.CONNECTION_BYTES);
        hub.opened(this);
        // After it is among those of its id, whose tokens are kept from then on.
        if (Rates.areLimited(hub.limits().rates())) {
            rates = new Rates(hub.rates(this));
        }
        if (acceptance != null && id != null) {
            acceptance.disconnected(id).ifPresent(eviction -> evictNow(eviction, begun));
        }
        acceptance = null;
    }

    void accepted(Acceptance by) {
        acceptance = by;
        begun = by.begun();
        client = by.client();
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

    /** What its lines in the log are known by. Any thread may ask. */
    synchronized String correlation() {
        if (correlation == null) {
            correlation = LogContext.fresh();
        }
        return correlation;
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
    public String correlationId() {
        return correlation();
    }

    @Override
    public String remoteAddress() {
        return client.getHostAddress();
    }

    @Override
    public Transport transport() {
        return connection.transport();
    }

    @Override
    public <T> void push(Event<T> event, T payload) {
        lane.awaitCapacity();
        byte[] message = serializer.push(
                Ref.NULL, Ref.NULL, OWN_TOPIC, event.name(), hub.codec().encode(event.name(), payload));
        if (message.length == 0) {
            hub.counts().increment(Count.BINARY_SKIPPED);
        } else {
            lane.enqueue(new Entry.ForConnection(this, message));
        }
    }

    /** Writes a message for the connection itself, after the broadcasts that wait. */
    void write(byte[] message) {
        if (closed) {
            hub.counts().increment(Count.WRITES_AFTER_END);
            return;
        }
        channels.forEach(ChannelProcess::flushBatch);
        outbox.offer(message);
    }

    /** Any thread. */
    boolean begunBy(long time) {
        return begun - time <= 0;
    }

    @Override
    public void disconnect() {
        evict(new Eviction.Disconnected(name()), hub.now());
    }

    @Override
    public <T> void kick(Event<T> event, T payload) {
        evict(hub.kicked(name(), event, payload), hub.now());
    }

    @Override
    public void remove(String topic) {
        Hub.checkTopic(topic);
        evict(new Eviction.Removed(name(), topic), hub.now());
    }

    /**
     * Carries out an eviction, later and on the lane's thread. Any thread.
     *
     * @param eviction the eviction
     * @param at its time: a channel that was joined later is not removed
     */
    void evict(Eviction eviction, long at) {
        onLane(() -> evictNow(eviction, at));
    }

    private void evictNow(Eviction eviction, long at) {
        if (closed) {
            return;
        }
        switch (eviction) {
            case Eviction.Disconnected _ -> {
                hub.counts().increment(Count.CLOSED_DISCONNECTED);
                close(CloseCode.GOING_AWAY, "disconnected by the server", new LeaveReason.Closed());
            }
            case Eviction.Kicked(var _, var event, var payload) -> {
                write(serializer.push(Ref.NULL, Ref.NULL, OWN_TOPIC, event, payload));
                hub.counts().increment(Count.CLOSED_KICKED);
                close(CloseCode.KICKED, "kicked by the server", new LeaveReason.Closed());
            }
            case Eviction.Removed(var _, var topic) -> removeNow(topic, at);
        }
    }

    /** Ends a channel for a reason of the application, from another thread than its own. */
    void stop(ChannelProcess<S, ?> channel, String why) {
        onLane(() -> {
            // One that is ending, for instance because a handler threw, ends in its own way.
            if (channels.contains(channel) && channel.life().ending() == null) {
                forget(channel);
                channel.close(new LeaveReason.Stopped(why), false, phxClose(channel.joinRef(), channel.topic()));
            }
        });
    }

    private void removeNow(String topic, long at) {
        ChannelProcess<S, ?> channel = find(topic);
        if (channel != null && channel.begunBy(at)) {
            forget(channel);
            channel.close(new LeaveReason.Removed(), false, lastOfRemoved(channel));
        }
    }

    /** A join that is not answered is refused first: phoenix.js would repeat it at its timeout. The close then ends the channel. */
    private byte[][] lastOfRemoved(ChannelProcess<S, ?> channel) {
        byte[] close = phxClose(channel.joinRef(), channel.topic());
        return channel.joining()
                ? new byte[][] {error(channel.joinRef(), channel.requestRef(), channel.topic(), REMOVED), close}
                : new byte[][] {close};
    }

    @Override
    public void extend(Duration validFor) {
        Duration time = Connect.ok(assigns).validFor(validFor).validFor().orElseThrow(); // or refused
        onLane(() -> expireIn(time));
    }

    /**
     * Sets when it is closed in any case.
     *
     * @param time from now; more than zero, at most 3 650 days
     */
    public void expireIn(Duration time) {
        expires = true;
        expiry = hub.now() + time.toNanos();
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
            lane.traffic().received(to - from);
            receive(serializer.decodeText(message, from, to));
            flow.received(to - from);
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
            lane.traffic().received(to - from);
            receive(serializer.decodeBinary(message, from, to));
            flow.received(to - from);
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
            close(CloseCode.RATE_EXCEEDED, "too many pings", new LeaveReason.Closed());
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

    /** Its client counts as gone from now on: its presences go at once, though its connection is closed later. */
    public void depart() {
        channels.forEach(ChannelProcess::depart);
    }

    /** Whether the connection was lost: neither side has closed it. */
    boolean isLost() {
        return lost;
    }

    /** The connection broke. */
    public void disconnected() {
        disconnected(BROKEN, "the connection broke");
    }

    /**
     * The connection is gone.
     *
     * @param code the client's close code, or 1006
     * @param reason for people
     */
    public void disconnected(int code, String reason) {
        if (!closed) {
            hub.counts().increment(Count.CLOSED_CLIENT);
            lost = code == BROKEN;
            end(code, reason, new LeaveReason.Disconnected(), false);
        }
    }

    /**
     * Ends the session and its connection. Does nothing if it has ended. The caller counts why.
     *
     * @param code the close code
     * @param reason for people
     * @param why the reason for its channels
     */
    public void close(CloseCode code, String reason, LeaveReason why) {
        close(code, reason, why, false);
    }

    private void close(CloseCode code, String reason, LeaveReason why, boolean interrupt) {
        if (!closed) {
            lost = why instanceof LeaveReason.HeartbeatTimeout;
            end(code.code(), reason, why, interrupt);
            connection.close(code.code(), reason);
        }
    }

    /**
     * Ends this connection, and no other one, for a fault of the server: logs it, and closes unless it has ended, with 1013
     * if there was no memory and with 1011 otherwise. Does not throw. Not to be called while the members of a topic are
     * walked, since its channels leave them.
     *
     * @param fault what was thrown
     */
    public void fault(Throwable fault) {
        if (fault instanceof OutOfMemoryError) {
            closeFor(fault, Count.CLOSED_OVERLOADED, CloseCode.OVERLOADED, "overloaded");
            lane.relieve();
            hub.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlation())
                            .setCause(fault)
                            .log("No buffer could be allocated for client {}; it is closed with 1013.", name()));
        } else {
            closeFor(fault, Count.CLOSED_FAULT, CloseCode.INTERNAL_ERROR, "internal error");
            hub.faults()
                    .write(() -> LOG.atError()
                            .addKeyValue(LogContext.KEY, correlation())
                            .setCause(fault)
                            .log(
                                    "A fault of the server ends the connection of client {}, with 1011 if it was open.",
                                    name()));
        }
    }

    private void closeFor(Throwable fault, Count count, CloseCode code, String reason) {
        if (closed) {
            return;
        }
        hub.counts().increment(count);
        try {
            close(code, reason, new LeaveReason.Closed());
        } catch (Throwable another) {
            if (!another.equals(fault)) {
                fault.addSuppressed(another);
            }
        }
    }

    /** The id of its client, for people. */
    String name() {
        return id == null ? "-" : id;
    }

    /** Runs something on the lane's thread, in a turn of its own. What it throws ends this connection alone. */
    void onLane(Runnable task) {
        lane.add(new Entry.Task(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                fault(e);
            }
        }));
    }

    private void end(int code, String reason, LeaveReason why, boolean interrupt) {
        closed = true;
        Throwable fault = null;
        for (ChannelProcess<S, ?> channel : channels) {
            try {
                channel.close(why, interrupt);
            } catch (Throwable e) {
                fault = e; // the other channels must end too, and the session after them
            }
        }
        hub.counts().add(Count.CHANNELS, -channels.size());
        channels.clear();
        outbox.close();
        lane.remove(this);
        flow.memory().end();
        hub.memory().add(-MemoryBudget.CONNECTION_BYTES);
        hub.closed(this);
        hub.observers().happened(() -> new Observation.Disconnected(correlation(), code, reason));
        if (fault != null) {
            fault(fault);
        }
    }

    private void receive(FrameOutcome decoded) {
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
            close(CloseCode.INVALID_DATA, "text is not UTF-8", new LeaveReason.Closed());
            return;
        }
        if (LOG.isDebugEnabled()) {
            LOG.atDebug().addKeyValue(LogContext.KEY, correlation()).log("A message is no frame: {}", fault);
        }
        if (malformed == null) {
            malformed = new TokenBucket(MALFORMED_BURST, MALFORMED_PER_SECOND, hub.now());
        }
        if (!malformed.take(hub.now())) {
            hub.counts().increment(Count.CLOSED_MALFORMED);
            close(CloseCode.MALFORMED_FRAMES, "malformed frames", new LeaveReason.Closed());
        }
    }

    /** The decision table of the protocol: what a frame means in the present state of its topic. */
    private void receive(Frame frame) {
        if (frame.topic().equals(OWN_TOPIC) && frame.event().equals("heartbeat")) {
            if (!overRate(frame, null)) {
                outbox.offer(ok(Ref.NULL, frame.ref(), OWN_TOPIC));
            }
            return;
        }
        ChannelProcess<S, ?> channel = find(frame.topic());
        if (frame.event().equals("phx_join")) {
            join(frame, channel);
        } else if (!overRate(frame, channel)) {
            said(frame, channel);
        }
    }

    private void said(Frame frame, @Nullable ChannelProcess<S, ?> channel) {
        if (channel == null) {
            notJoined(frame);
        } else if (isFor(channel, frame)) {
            channel.post(new Mail.Said(frame));
        } else {
            hub.counts().increment(Count.FRAMES_STALE);
        }
    }

    private boolean isFor(ChannelProcess<S, ?> channel, Frame frame) {
        return frame.joinRef().isNull() || frame.joinRef().equals(channel.joinOf());
    }

    /** Whether a heartbeat or a message is over a rate, and was refused for that. A leave takes a token, but never is. */
    private boolean overRate(Frame frame, @Nullable ChannelProcess<S, ?> channel) {
        TokenBucket own = channel == null ? null : channel.messages();
        if (rates == null && own == null) {
            return false;
        }
        long now = hub.now();
        Count reason = Count.MESSAGES_OVER_RATE;
        long wait = rates == null ? 0 : rates.message(now);
        if (frame.event().equals("phx_leave")) {
            // A leave of a channel makes room, whatever the rate; leaves of nothing are a flood like any other.
            return wait > 0 && channel == null && closedForRefusal(reason, now);
        }
        if (wait == 0 && channel != null && isFor(channel, frame)) {
            reason = Count.CHANNEL_MESSAGES_OVER_RATE;
            wait = Rates.waitFor(own, now);
        }
        if (wait == 0) {
            return false;
        }
        Ref joinRef = channel != null && frame.joinRef().isNull() ? channel.joinRef() : frame.joinRef();
        refuse(reason, wait, now, joinRef, frame);
        return true;
    }

    /** At once and here: it may overtake answers to what was said before, and costs no more than its bytes. */
    private void refuse(Count reason, long wait, long now, Ref joinRef, Frame frame) {
        if (!closedForRefusal(reason, now) && !frame.ref().isNull()) {
            outbox.offer(error(joinRef, frame.ref(), frame.topic(), Rates.answer(wait)));
        }
    }

    /** Counts a refusal. Returns whether the connection was closed, since there were too many. */
    private boolean closedForRefusal(Count reason, long now) {
        hub.counts().increment(reason);
        if (rates == null) {
            rates = new Rates(new RateTokens(hub.limits().rates(), now));
        }
        if (rates.refuse(now)) {
            return false;
        }
        hub.counts().increment(Count.CLOSED_RATE);
        close(CloseCode.RATE_EXCEEDED, "too much over the rate", new LeaveReason.Closed());
        return true;
    }

    private void join(Frame frame, @Nullable ChannelProcess<S, ?> old) {
        // A client that gave none, and is told none, has only the ref of its messages to go by.
        Ref joinRef = frame.joinRef().isNull() && serializer.carriesJoinRef() ? frame.ref() : frame.joinRef();
        if (rates != null) {
            long now = hub.now();
            long wait = rates.join(now);
            if (wait > 0) {
                joinRefused(TopicPattern.validTopic(frame.topic()) ? frame.topic() : "", "rate_limited");
                refuse(Count.JOINS_OVER_RATE, wait, now, joinRef, frame);
                return;
            }
        }
        String topic = frame.topic();
        if (!TopicPattern.validTopic(topic)) {
            refuse(joinRef, frame.ref(), topic, INVALID_TOPIC, "invalid topic");
            return;
        }
        if (hub.draining()) {
            refuse(joinRef, frame.ref(), topic, DRAINING, "draining");
            return;
        }
        if (hub.memory().tight()) {
            hub.counts().increment(Count.JOINS_OVERLOADED);
            refuse(joinRef, frame.ref(), topic, OVERLOADED, "overloaded");
            return;
        }
        Optional<Callbacks<S, ?>> route = routes.route(topic);
        if (route.isEmpty()) {
            if (LOG.isDebugEnabled()) {
                LOG.atDebug().addKeyValue(LogContext.KEY, correlation()).log("No channel serves topic {}", topic);
            }
            refuse(Ref.NULL, frame.ref(), topic, UNMATCHED, "unmatched topic");
            return;
        }
        int most = hub.sessionLimits().maxChannels();
        // A handler that blocks outlives its channel; joining the same topic for ever must not heap such up.
        if ((old == null && channels.size() >= most) || unfinished / 2 >= most) {
            refuse(joinRef, frame.ref(), topic, TOO_MANY, "too many channels joined");
            return;
        }
        if (old != null) {
            replace(old);
        }
        ChannelProcess<S, ?> process = new ChannelProcess<>(this, route.get(), topic, joinRef, frame.ref());
        channels.add(process);
        unfinished++;
        hub.memory().add(MemoryBudget.CHANNEL_BYTES);
        hub.counts().increment(Count.CHANNELS);
        process.post(new Mail.JoinRequested(frame.payload()));
    }

    private void replace(ChannelProcess<S, ?> old) {
        channels.remove(old);
        hub.counts().add(Count.CHANNELS, -1);
        old.close(new LeaveReason.Replaced(), true, lastOfReplaced(old));
    }

    private byte[][] lastOfReplaced(ChannelProcess<S, ?> old) {
        if (old.joining()) {
            return new byte[][] {error(old.joinRef(), old.requestRef(), old.topic(), REPLACED)};
        }
        if (old.joinRef().isNull()) {
            return new byte[0][]; // a close that does not say of which join would be taken for that of the new one
        }
        return new byte[][] {phxClose(old.joinRef(), old.topic())};
    }

    private void refuse(Ref joinRef, Ref ref, String topic, Payload.Json reason, String why) {
        joinRefused(why.equals("invalid topic") ? "" : topic, why);
        outbox.offer(error(joinRef, ref, topic, reason));
    }

    /** A client was not let into a topic. Any thread may call it. */
    void joinRefused(String topic, String why) {
        hub.counts().increment(Count.JOINS_REFUSED);
        hub.observers().happened(() -> new Observation.JoinRefused(correlation(), topic, why));
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
        hub.memory().add(-MemoryBudget.CHANNEL_BYTES);
    }

    int unfinished() {
        return unfinished;
    }

    /** Decides whether it is read. */
    FlowControl flow() {
        return flow;
    }

    /**
     * The heap that is held for this client.
     *
     * @return its account; any thread may use it
     */
    public ConnectionMemory memory() {
        return flow.memory();
    }

    /**
     * Holds more bytes that the client sent; it is not read if that is too much. On the lane's thread.
     *
     * @param bytes how many
     */
    public void holds(long bytes) {
        flow.hold(bytes);
    }

    /**
     * Bytes of its memory are not held any more; it may be read again. Any thread.
     *
     * @param bytes how many
     */
    public void releases(long bytes) {
        flow.release(bytes);
    }

    /** Closes the connection because all together hold too much, and it holds most. */
    void closeOverloaded() {
        hub.closings()
                .write(() -> LOG.atWarn()
                        .addKeyValue(LogContext.KEY, correlation())
                        .log(
                                "The endpoint is overloaded; client {} holds {} KiB of heap, and {} KiB wait for its socket."
                                        + " It is closed with 1013.",
                                name(),
                                memory().held() >> 10,
                                outbox.bytes() >> 10));
        hub.counts().increment(Count.CLOSED_OVERLOADED);
        close(CloseCode.OVERLOADED, "overloaded", new LeaveReason.Closed(), true);
    }

    /** The channels that are joined or joining now. */
    List<ChannelProcess<S, ?>> channels() {
        return channels;
    }

    /** A channel with an intercept does not keep up with the broadcasts of its topic. */
    void mailboxOverrun(ChannelProcess<?, ?> channel, String event) {
        // Not at once: the caller walks the members of the topic.
        onLane(() -> {
            String running = channel.runningHandler().orElse("no handler");
            if (failed(channel, new IllegalStateException("its mailbox was full when a broadcast came"), false)) {
                LOG.atWarn()
                        .addKeyValue(LogContext.KEY, correlation())
                        .log(
                                "Channel {} does not keep up with its intercepted broadcasts of '{}', while {} runs; it ends.",
                                channel.topic(),
                                event,
                                running);
            }
        });
    }

    /** Ends a channel as after a crash; false if it is closed already. */
    boolean failed(ChannelProcess<?, ?> channel, Exception cause, boolean interrupt) {
        if (!channels.remove(channel)) {
            return false;
        }
        hub.counts().add(Count.CHANNELS, -1);
        hub.counts().increment(Count.CHANNELS_FAILED);
        if (channel.joining()) {
            hub.joinFailed(channel.topic(), cause);
        }
        byte[] last = channel.joining()
                ? error(channel.joinRef(), channel.requestRef(), channel.topic(), JOIN_CRASHED)
                : phxError(channel.joinRef(), channel.topic());
        channel.close(new LeaveReason.Failed(cause), interrupt, last);
        return true;
    }

    /** The handlers that keep it from being read, for people: those of full mailboxes, or all if it holds too much. */
    private String slowHandlers() {
        boolean full = channels.stream().anyMatch(channel -> channel.life().full());
        List<String> running = new ArrayList<>();
        for (ChannelProcess<S, ?> channel : channels) {
            if (channel.life().full() || !full) {
                channel.runningHandler().ifPresent(handler -> running.add(handler + " on " + channel.topic()));
            }
        }
        return running.isEmpty() ? "none runs at this moment" : String.join(", ", running);
    }

    /**
     * A message for the client was lost; nothing more is queued for it.
     *
     * @param cause what was thrown when the message was written
     */
    void messageLost(Throwable cause) {
        // Not at once: the caller may walk the members of a topic.
        onLane(() -> fault(cause));
    }

    /** The client does not read; nothing more is queued for it. */
    void tooSlow(long bytes) {
        outbox.close();
        // Not at once: the caller may walk the members of a topic.
        onLane(() -> closeSlow(bytes + " bytes wait"));
    }

    void closeSlow(String what) {
        if (!closed) {
            hub.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlation())
                            .log("Client {} does not read ({}); its connection is closed with 4408.", name(), what));
            hub.counts().increment(Count.CLOSED_SLOW);
            close(CloseCode.SLOW_CONSUMER, "slow reader", new LeaveReason.Closed());
        }
    }

    /** Looks at the clocks. */
    void sweep(long now) {
        if (expires && now - expiry >= 0) {
            hub.counts().increment(Count.CLOSED_EXPIRED);
            close(CloseCode.POLICY_VIOLATION, "expired", new LeaveReason.Closed());
            return;
        }
        connection.check();
        flow.sweep();
        if (flow.paused()) {
            // A frame filled the mailbox, so the client counts as heard until it is read again.
            if (flow.stuck(now, outbox.heap())) {
                hub.closings()
                        .write(() -> LOG.atWarn()
                                .addKeyValue(LogContext.KEY, correlation())
                                .log(
                                        "Client {} has not been read for {}, since its handlers do not keep up: {}. It is"
                                                + " closed with 1008.",
                                        name(),
                                        hub.sessionLimits().mailboxTimeout(),
                                        slowHandlers()));
                hub.counts().increment(Count.CLOSED_MAILBOX_FULL);
                close(CloseCode.POLICY_VIOLATION, "mailbox full", new LeaveReason.Closed(), true);
                return;
            }
        } else if (heard) {
            heard = false;
            quietSince = now;
        } else if (now - quietSince >= hub.sessionLimits().idleTimeout().toNanos()) {
            hub.counts().increment(Count.CLOSED_IDLE);
            close(CloseCode.GOING_AWAY, "idle", new LeaveReason.HeartbeatTimeout());
            return;
        }
        switch (outbox.judge(now)) {
            case READS -> {}
            case STALLED ->
                closeSlow("nothing was taken for " + hub.sessionLimits().stallTimeout());
            case TOO_SLOW ->
                closeSlow("less than " + (ReaderPace.MIN_BYTES_PER_SECOND >> 10) + " KiB a second, " + outbox.bytes()
                        + " bytes wait");
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
