package io.heliodor.session;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Event;
import io.heliodor.inspect.ConnectionState;
import io.heliodor.limit.Limits;
import io.heliodor.limit.SessionLimits;
import io.heliodor.observe.AuditEvent;
import io.heliodor.observe.Observation;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.budget.BoundedLog;
import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.RateTokens;
import io.heliodor.session.budget.Rates;
import io.heliodor.session.channel.ChannelOwner;
import io.heliodor.session.channel.ChannelServices;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.channel.Replies;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.Replay;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.net.InetAddress;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of one client's connection, from its establishment to its end.
 *
 * <p>The transport calls it on its lane's thread alone: {@link #open}, then any number of {@link #text} and {@link #binary},
 * then {@link #disconnected}, unless the session was closed. See {@code docs/design/session.md}.
 *
 * @param <S> the type of the connection's assigns
 */
public final class Session<S> implements ChannelOwner<S>, LoadShedder.Holder {
    /** The endpoint of its sessions. Any thread, except where stated. */
    interface Endpoint {
        Limits limits();

        SessionLimits sessionLimits();

        MemoryBudget memory();

        EndpointBudget budget();

        PayloadCodec codec();

        ChannelServices services();

        Counters counters();

        Observers observers();

        /** The log of connections that the server closes. */
        BoundedLog closings();

        /** The log of faults of the server. */
        BoundedLog faults();

        /** The present time, monotonic, in nanoseconds. */
        long nanos();

        /** The present time of the wall clock. */
        Instant instant();

        /** Whether it accepts no joins any more. */
        boolean draining();

        /** The rates of all connections with the id of a session. */
        RateTokens rates(Session<?> session);

        /** A kick with its last message. */
        <T> Eviction.Kicked kicked(String id, Event<T> event, T payload);

        /** A message of an event that no channel declares. */
        void undeclared(Undeclared message);

        /** A session opens. On its lane. */
        void opened(Session<?> session);

        /** A session has ended, with its channels. */
        void ended(Session<?> session);

        /** Notes a frame of a client for traces. On its lane. */
        void traceReceived(Session<?> session, Frame frame, int bytes);

        /** Notes bytes that are not a frame for traces. On its lane. */
        void traceMalformed(Session<?> session, int bytes);

        /** Notes a message for one client for traces. On its lane. */
        void traceSent(Session<?> session, byte[] message);

        /** Notes a large message for one client for traces. On its lane. */
        void traceSent(Session<?> session, StreamedMessage message);

        /** Notes messages that a client missed for traces. On its lane. */
        void traceSent(Session<?> session, Replay replay);
    }

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** The close code of a connection without a close frame (RFC 6455, 7.1.5). */
    private static final int BROKEN = 1006;

    /** A client that takes nothing for this time does not delay the end of a drain. */
    private static final Duration UNTAKEN_TIMEOUT = Duration.ofSeconds(2);

    /** The time for a client that is refused after its upgrade to close the connection. */
    private static final Duration REFUSED_TIME = Duration.ofSeconds(1);

    /** The topic of the protocol itself, which no channel has: for heartbeats, and for events of the connection. */
    static final String OWN_TOPIC = "phoenix";

    private final Endpoint endpoint;
    private final LaneSessions sessions;
    private final Lane lane;
    private final Connection connection;
    private final Serializer serializer;
    private final Identity<S> identity;
    private final @Nullable String id;

    /** Created when it is first needed, if the client gave none. Guarded by this. */
    private @Nullable String correlation;

    /** Written before it is opened. */
    private Correlation.@Nullable Trace trace;

    private final FlowControl flow;
    private final Outbox outbox;
    private final ChannelTable<S> table;
    private final FrameDispatcher<S> dispatcher;
    private final Liveness liveness;

    /** Its number among the sessions of its lane. */
    int number;

    /** Its list among the sessions of its lane, and its index there. */
    byte slot = SweepSchedule.NONE;

    int index;

    /** Whether nothing is read or written any more. Written on the lane's thread. */
    private volatile boolean closed;

    /** Whether its turn in a drain of the server has come. */
    private boolean draining;

    /** Whether the session is closed, and channels of it handle the messages that waited. */
    private boolean lingering;

    /** Whether all messages that were read have been passed on, in a drain of the server. */
    private boolean inputPassed;

    /** The bytes that the client had taken when it was last found to take some, while only its output delays the end of a drain. */
    private long takenInDrain = -1;

    private long takenAt;

    /** Whether the connection has ended, and messages that were read are not dispatched yet. */
    private boolean cut;

    /** The time at which such messages are dropped. */
    private long cutDeadline;

    /** Set before the channels end; read by any thread. */
    private volatile boolean lost;

    private @Nullable Acceptance acceptance;

    /** The refusal of a client after its upgrade; null if it was accepted. */
    private ConnectOutcome.@Nullable Refused<?> refused;

    /** The time at which its acceptance began. */
    private volatile long begun;

    private volatile InetAddress client = InetAddress.getLoopbackAddress();

    Session(
            Endpoint endpoint,
            LaneSessions sessions,
            Connection connection,
            Routes<S> routes,
            Serializer serializer,
            Identity.User<S> user,
            Optional<String> id,
            Optional<String> correlation) {
        this.endpoint = endpoint;
        this.sessions = sessions;
        this.lane = sessions.lane();
        this.connection = connection;
        this.serializer = serializer;
        this.id = id.orElse(null);
        this.correlation = correlation.orElse(null);
        this.identity = new Identity<>(this, routes.refresh(), user);
        this.flow = new FlowControl(this, endpoint.budget(), lane, connection);
        this.outbox = new Outbox(this, flow, lane, connection);
        this.table = new ChannelTable<>(this, endpoint.services(), sessions.handlers());
        this.dispatcher = new FrameDispatcher<>(this, routes);
        this.liveness = new Liveness(this);
    }

    /** Opens the session of an established connection. It is closed again if its id was disconnected during its acceptance. */
    public void open() {
        sessions.add(this);
        endpoint.memory().add(ownBytes());
        endpoint.opened(this);
        // After it is registered by its id, whose tokens are kept from then on.
        if (Rates.areLimited(endpoint.limits().rates())) {
            dispatcher.limit(endpoint.rates(this));
        }
        if (acceptance != null && id != null) {
            acceptance.disconnected(id).ifPresent(eviction -> evictNow(eviction, begun));
        }
        acceptance = null;
        if (refused != null) {
            write(serializer.push(
                    Ref.NULL, Ref.NULL, OWN_TOPIC, "refused", Identity.payload(endpoint.codec(), refused)));
            // Not at once: phoenix.js connects again 10 ms after the close of a connection that had opened.
            expireIn(REFUSED_TIME);
        }
    }

    /**
     * Gives the handlers of the connection the trace of its request. Before it is opened.
     *
     * @param given the trace of the client
     */
    public void continueTrace(Correlation.Trace given) {
        trace = given;
    }

    /** Has the client refused when it opens. */
    void refuse(ConnectOutcome.Refused<?> outcome) {
        refused = outcome;
    }

    /** The heap of the session without what its client sends. */
    private long ownBytes() {
        return MemoryBudget.CONNECTION_BYTES
                + (id == null ? 0 : MemoryBudget.ID_BYTES)
                + (trace == null ? 0 : MemoryBudget.TRACE_BYTES + trace.state().length());
    }

    void accepted(Acceptance by) {
        acceptance = by;
        begun = by.begun();
        client = by.client();
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public Outbox outbox() {
        return outbox;
    }

    @Override
    public FlowControl flow() {
        return flow;
    }

    @Override
    public Serializer serializer() {
        return serializer;
    }

    /** Any thread. */
    Endpoint endpoint() {
        return endpoint;
    }

    /** The sessions of its lane. Any thread. */
    LaneSessions sessions() {
        return sessions;
    }

    /** Its bytes to and from the client. */
    Connection connection() {
        return connection;
    }

    /** The identity of its client. */
    Identity<S> identity() {
        return identity;
    }

    /** Its state for operators, with at most so many topics. On the lane's thread. */
    ConnectionState state(int maxTopics) {
        return new ConnectionState(
                correlationId(),
                id(),
                remoteAddress(),
                transport().name().toLowerCase(Locale.ROOT),
                table.channels().size(),
                table.topics(maxTopics),
                outbox.bytes());
    }

    /** The channels of the connection. */
    ChannelTable<S> table() {
        return table;
    }

    @Override
    public S assigns() {
        return identity.assigns();
    }

    @Override
    public Optional<Principal> principal() {
        return identity.principal();
    }

    @Override
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    @Override
    public Correlation.@Nullable Trace trace() {
        return trace;
    }

    @Override
    public synchronized String correlationId() {
        if (correlation == null) {
            correlation = LogContext.newId();
        }
        return correlation;
    }

    /** Whether this is its correlation id. Creates none. Any thread. */
    synchronized boolean isCorrelatedBy(String given) {
        return given.equals(correlation);
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
        Objects.requireNonNull(event, "event");
        dispatcher.sent().check(event, endpoint::undeclared);
        lane.awaitCapacity();
        boolean _ = push(event.name(), endpoint.codec().encode(event, payload), new HashMap<>());
    }

    /**
     * Sends an event to the client, independent of its channels. Waits while the queue of the lane is full. Any thread.
     *
     * @param encoded the message in the versions of earlier calls for the same event
     * @return false if the client cannot receive bytes
     */
    boolean push(String event, Payload payload, Map<Serializer, byte[]> encoded) {
        byte[] message = encoded.computeIfAbsent(
                serializer, version -> version.push(Ref.NULL, Ref.NULL, OWN_TOPIC, event, payload));
        if (message.length == 0) {
            endpoint.counters().increment(Counter.BINARY_SKIPPED);
            return false;
        }
        lane.enqueue(new MessageEntry(this, message));
        return true;
    }

    /** Writes a message for the connection itself, after the broadcasts that wait. */
    private void write(byte[] message) {
        if (closed) {
            endpoint.counters().increment(Counter.WRITES_AFTER_END);
            return;
        }
        table.flushBatches();
        outbox.offer(message);
    }

    /** Any thread. */
    boolean hasBegunBy(long time) {
        return begun - time <= 0;
    }

    @Override
    public void disconnect() {
        evict(new Eviction.Disconnected(name()), endpoint.nanos());
    }

    @Override
    public <T> void kick(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        dispatcher.sent().check(event, endpoint::undeclared);
        evict(endpoint.kicked(name(), event, payload), endpoint.nanos());
    }

    @Override
    public void remove(String topic) {
        Objects.requireNonNull(topic, "topic");
        checkTopic(topic);
        evict(new Eviction.Removed(name(), topic), endpoint.nanos());
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
            discard(eviction, at);
            return;
        }
        switch (eviction) {
            case Eviction.Disconnected _ -> {
                endpoint.observers().audit().write(AuditEvent.DISCONNECTED, fields -> fields.of(this));
                close(SessionEnd.DISCONNECTED);
            }
            case Eviction.Kicked(var _, var event, var payload) -> {
                write(serializer.push(Ref.NULL, Ref.NULL, OWN_TOPIC, event, payload));
                endpoint.observers().audit().write(AuditEvent.KICKED, fields -> fields.of(this));
                close(SessionEnd.KICKED);
            }
            case Eviction.Removed(var _, var topic) -> table.remove(topic, at);
            case Eviction.Rechecked _ -> table.recheck();
        }
    }

    /** Drops what waits for a client that is not wanted any more, though its connection has ended by itself. */
    private void discard(Eviction eviction, long at) {
        switch (eviction) {
            case Eviction.Removed(var _, var topic) -> table.remove(topic, at);
            case Eviction.Rechecked _ -> {}
            case Eviction.Disconnected _, Eviction.Kicked _ -> {
                ChannelTable.Discarded _ = table.discardAll(false);
            }
        }
    }

    @Override
    public void extend(Duration validFor) {
        Objects.requireNonNull(validFor, "validFor");
        Duration time = Connect.ok(assigns()).validFor(validFor).validFor().orElseThrow(); // or an exception
        onLane(() -> expireIn(time));
    }

    /**
     * Sets when it is closed in any case.
     *
     * @param time from now; with zero or less it is closed within a second
     */
    public void expireIn(Duration time) {
        liveness.expireAt(endpoint.nanos() + time.toNanos());
    }

    /** Sets the time limit of a new identity; empty for none. */
    void limit(Optional<Duration> validFor) {
        liveness.expireNever();
        validFor.ifPresent(this::expireIn);
    }

    /** Closes the connection because its time is over. */
    void closeExpired() {
        close(refused == null ? SessionEnd.EXPIRED : SessionEnd.refused(refused.status()));
    }

    /** Whether a fresh token is handled, or rights are checked. */
    boolean isRefreshing() {
        return identity.isRefreshing() || table.isRechecking();
    }

    @Override
    public boolean closed() {
        return closed;
    }

    /**
     * Receives a text message.
     *
     * @param message the bytes that contain it; not written to again
     * @param from its first byte
     * @param to after its last byte
     */
    public void text(byte[] message, int from, int to) {
        if (!closed && refused == null) {
            liveness.complete();
            lane.traffic().received(to - from);
            dispatcher.receive(serializer.decodeText(message, from, to), to - from);
            flow.received(to - from);
        }
    }

    /**
     * Receives a binary message.
     *
     * @param message the bytes that contain it; not written to again
     * @param from its first byte
     * @param to after its last byte
     */
    public void binary(byte[] message, int from, int to) {
        if (!closed && refused == null) {
            liveness.complete();
            lane.traffic().received(to - from);
            dispatcher.receive(serializer.decodeBinary(message, from, to), to - from);
            flow.received(to - from);
        }
    }

    /**
     * Counts a ping.
     *
     * @return whether to answer it; if not, the session has ended
     */
    public boolean ping() {
        if (!closed && !liveness.ping()) {
            close(SessionEnd.TOO_MANY_PINGS);
        }
        return !closed;
    }

    /**
     * Counts bytes that have arrived as activity of the client, though they may complete no message.
     *
     * @param incomplete the bytes of the message that is not complete; 0 if there is none
     */
    public void arrived(int incomplete) {
        liveness.arrived(incomplete);
    }

    /** Counts a pong as activity of the client. */
    public void pong() {
        liveness.active();
    }

    /** The socket accepts bytes again. */
    public void writable() {
        outbox.flush();
        closeIfDrained();
    }

    /** Treats the client as unreachable: its presences end now, though its connection is closed later. */
    public void markUnreachable() {
        table.markUnreachable();
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    /** The connection broke. */
    public void disconnected() {
        disconnected(BROKEN, "the connection broke");
    }

    /**
     * The connection broke, and the transport holds messages that were read before: they are dispatched as the session reads
     * on. {@link #inputEnded} follows, or the session closes 5 s later.
     */
    public void cut() {
        if (!closed && !cut) {
            cut = true;
            lost = true;
            cutDeadline = endpoint.nanos() + ChannelTable.DRAIN_TIMEOUT.toNanos();
            sweepNext();
            outbox.close();
            table.markUnreachable();
        }
    }

    /**
     * Handles what was read, awaits deferred replies and their way to the client, and then closes the connection with 1001: its
     * turn in a drain of the server has come. The transport reads no more, and calls {@link #inputEnded} when it has passed on
     * what it had read.
     */
    public void drain() {
        if (!closed && !draining) {
            draining = true;
            sweepNext();
            connection.endInput();
        }
    }

    /** Whether its turn in a drain of the server has come, so that the transport reads no more. */
    boolean draining() {
        return draining;
    }

    /** All messages that were read have been passed on, after {@link #cut} or {@link Connection#endInput}. */
    public void inputEnded() {
        if (closed || inputPassed) {
            return;
        }
        if (cut) {
            disconnected();
            return;
        }
        inputPassed = true;
        table.drain(new LeaveReason.Draining());
        onLane(this::closeIfDrained); // after the replies that are in the queue of the lane
    }

    /** Closes the connection in a drain of the server, if its messages are handled and the client has taken what was written. */
    private void closeIfDrained() {
        if (closed || !inputPassed || table.isDraining()) {
            return;
        }
        outbox.flush();
        long now = endpoint.nanos();
        long taken = connection.taken();
        if (taken != takenInDrain) {
            takenInDrain = taken;
            takenAt = now;
        }
        if (outbox.bytes() == 0 || now - takenAt >= UNTAKEN_TIMEOUT.toNanos()) {
            close(SessionEnd.DRAINED);
        }
    }

    /** Closes the connection because the time for a drain of the server is over, and drops the messages that wait. */
    public void endDrain() {
        if (!closed) {
            close(SessionEnd.DRAIN_OVER);
        } else if (lingering) {
            ChannelTable.Discarded _ = table.discardAll(true);
        }
    }

    @Override
    public void drained() {
        if (lingering) {
            finish();
        } else if (inputPassed && !closed) {
            onLane(this::closeIfDrained); // the caller may write a last message of its channel
        }
    }

    /**
     * Whether the session is closed and handles nothing any more.
     *
     * @return false while messages that were read before its end are handled
     */
    public boolean isOver() {
        return closed && !lingering;
    }

    /** Whether its connection has ended, though messages of it may still be handled. */
    @Override
    public boolean hasEnded() {
        return closed || cut;
    }

    /**
     * The connection has ended.
     *
     * @param code the client's close code, or 1006
     * @param reason for people
     */
    public void disconnected(int code, String reason) {
        if (!closed) {
            endpoint.counters().increment(Counter.CLOSED_CLIENT);
            lost = code == BROKEN;
            end(code, reason, new LeaveReason.Disconnected(), ChannelTable.End.AFTER_MESSAGES);
        }
    }

    /**
     * Ends the session and its connection. Does nothing if it has ended.
     *
     * @param end why, and what becomes of messages that were read before
     */
    public void close(SessionEnd end) {
        close(end, end.reason());
    }

    /**
     * Ends the session and its connection as {@link #close(SessionEnd)} does.
     *
     * @param end why, and the fate of messages that were read before
     * @param reason for people, in the place of that of the end
     */
    public void close(SessionEnd end, String reason) {
        if (!closed) {
            endpoint.counters().increment(end.counter());
            lost = end.why() instanceof LeaveReason.HeartbeatTimeout;
            int code = end.code().code();
            end(code, reason, end.why(), end.waiting());
            connection.close(code, reason);
        }
    }

    @Override
    public void fault(Throwable fault) {
        if (fault instanceof OutOfMemoryError) {
            closeFor(fault, SessionEnd.NO_MEMORY);
            lane.shedLoad();
            endpoint.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlationId())
                            .setCause(fault)
                            .log("No buffer could be allocated for client {}; it is closed with 1013.", name()));
        } else {
            closeFor(fault, SessionEnd.FAULT);
            endpoint.faults()
                    .write(() -> LOG.atError()
                            .addKeyValue(LogContext.KEY, correlationId())
                            .setCause(fault)
                            .log(
                                    "A fault of the server ends the connection of client {}, with 1011 if it was open.",
                                    name()));
        }
    }

    private void closeFor(Throwable fault, SessionEnd end) {
        if (closed) {
            ChannelTable.Discarded _ = table.discardAll(false);
            return;
        }
        try {
            close(end);
        } catch (Throwable another) {
            if (!another.equals(fault)) {
                fault.addSuppressed(another);
            }
        }
    }

    /** The id of its client, for logs. */
    private String name() {
        return id == null ? "-" : ControlCharacters.escaped(id);
    }

    @Override
    public void onLane(Runnable task) {
        lane.add(new LaneEntry.Task(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                fault(e);
            }
        }));
    }

    private void end(int code, String reason, LeaveReason why, ChannelTable.End end) {
        closed = true;
        Throwable fault = table.closeAll(why, end, cut ? cutDeadline : table.drainDeadline());
        outbox.close();
        flow.memory().end();
        endpoint.observers().happened(() -> new Observation.Disconnected(correlationId(), code, reason));
        lingering = table.isDraining();
        sweepNext();
        if (!lingering) {
            finish();
        }
        if (fault != null) {
            fault(fault);
        }
    }

    /** Gives back the place of the connection in all limits: nothing of it is handled any more. */
    private void finish() {
        lingering = false;
        sessions.remove(this);
        endpoint.memory().add(-ownBytes());
        endpoint.ended(this);
        connection.finished();
    }

    /** Ends the wait for messages of a connection that has ended, when its time is over. */
    private void sweepEnded(long now) {
        long unread = 0;
        if (cut && !closed) {
            if (now - cutDeadline < 0) {
                flow.sweep();
                return;
            }
            unread = memory().unread();
            disconnected();
        }
        discardOverdue(now, unread);
    }

    /** {@code unread} are bytes that were read and not decoded, and are dropped too. */
    private void discardOverdue(long now, long unread) {
        ChannelTable.Discarded dropped = table.discardOverdue(now);
        if (unread > 0 || !dropped.isNothing()) {
            endpoint.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlationId())
                            .log(
                                    "Client {} {} {} ago: {} messages that waited and {} bytes that were not decoded are"
                                            + " dropped, and handlers are interrupted: {}.",
                                    name(),
                                    closed ? "ended its connection" : "joined a topic again",
                                    ChannelTable.DRAIN_TIMEOUT,
                                    dropped.messages(),
                                    unread,
                                    dropped.handlers().isEmpty() ? "none" : String.join(", ", dropped.handlers())));
        }
    }

    @Override
    public void replyUnmatched(Frame frame) {
        if (closed) {
            return; // its mailboxes are emptied when the connection ends, and the replies have no receiver
        }
        if (frame.event().equals("phx_leave")) {
            outbox.offer(Replies.ok(serializer, frame.joinRef(), frame.ref(), frame.topic()));
        } else {
            outbox.offer(Replies.error(serializer, Ref.NULL, frame.ref(), frame.topic(), Replies.UNMATCHED));
        }
    }

    /**
     * The heap that is held for this client.
     *
     * @return its account; any thread may use it
     */
    @Override
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
    @Override
    public void closeOverloaded() {
        if (closed) {
            ChannelTable.Discarded dropped = table.discardAll(true);
            endpoint.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlationId())
                            .log(
                                    "The endpoint is overloaded; {} messages of client {}, whose connection has ended, are"
                                            + " dropped.",
                                    dropped.messages(),
                                    name()));
            return;
        }
        endpoint.closings()
                .write(() -> LOG.atWarn()
                        .addKeyValue(LogContext.KEY, correlationId())
                        .log(
                                "The endpoint is overloaded; client {} holds {} KiB of heap, and {} KiB wait for its socket."
                                        + " {}.",
                                name(),
                                memory().held() >> 10,
                                outbox.bytes() >> 10,
                                cut
                                        ? "Its connection has ended, and its messages are dropped"
                                        : "It is closed with 1013"));
        close(SessionEnd.OVERLOADED);
    }

    @Override
    public void sent(byte[] message) {
        endpoint.traceSent(this, message);
    }

    @Override
    public void sent(StreamedMessage message) {
        endpoint.traceSent(this, message);
    }

    @Override
    public void sent(Replay replay) {
        endpoint.traceSent(this, replay);
    }

    @Override
    public void tooSlow(long bytes) {
        outbox.close();
        // In a later turn: the caller may walk the members of a topic.
        onLane(() -> closeSlow(bytes + " bytes wait"));
    }

    @Override
    public void closeSlow(String what) {
        if (!closed) {
            endpoint.closings()
                    .write(() -> LOG.atWarn()
                            .addKeyValue(LogContext.KEY, correlationId())
                            .log("Client {} does not read ({}); its connection is closed with 4408.", name(), what));
            close(SessionEnd.SLOW);
        }
    }

    /** Closes the connection because its handlers have kept it from being read for too long. */
    void closeStuck() {
        endpoint.closings()
                .write(() -> LOG.atWarn()
                        .addKeyValue(LogContext.KEY, correlationId())
                        .log(
                                "Client {} has not been read for {}, since its handlers do not keep up: {}. It is"
                                        + " closed with 1008.",
                                name(),
                                endpoint.sessionLimits().mailboxTimeout(),
                                table.slowHandlers()));
        close(SessionEnd.MAILBOX_FULL);
    }

    @Override
    public void sweepNext() {
        if (slot >= 0) {
            sessions.wake(this);
        }
    }

    /** Whether no sweep has anything to do for it before {@link #nanosLeft}, unless something happens. */
    boolean rests() {
        return !cut && !draining && liveness.rests() && outbox.rests() && table.rests();
    }

    /** The time until one of its timeouts is over. */
    long nanosLeft(long now) {
        return liveness.nanosLeft(now);
    }

    /** Checks whether the connection is alive, and closes it if one of its timeouts is over. */
    void sweep(long now) {
        if (closed || cut) {
            sweepEnded(now);
        } else {
            discardOverdue(now, 0);
            liveness.sweep(now);
            closeIfDrained();
        }
    }

    /** A message for one connection, of no channel. */
    static final class MessageEntry extends LaneEntry {
        private final Session<?> session;
        final byte[] message;

        MessageEntry(Session<?> session, byte[] message) {
            this.session = session;
            this.message = message;
        }

        @Override
        public void perform() {
            session.write(message);
        }

        @Override
        public long expectedCost() {
            return (long) OVERHEAD + message.length;
        }

        @Override
        public void fault(Throwable fault) {
            session.fault(fault);
        }
    }

    /** Throws for a text that is not a topic. */
    static void checkTopic(String topic) {
        if (!TopicPattern.validTopic(topic)) {
            throw new IllegalArgumentException(
                    "'" + ControlCharacters.escaped(topic)
                            + "' is not a topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:lobby'.");
        }
    }
}
