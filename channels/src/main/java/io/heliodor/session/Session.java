package io.heliodor.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.event.Event;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.PartyShares;
import io.heliodor.session.budget.Rates;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.channel.Replies;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.Replay;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.net.InetAddress;
import java.security.Principal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one client's connection, from its establishment to its end.
 *
 * <p>The transport calls it on its lane's thread alone: {@link #open}, then any number of {@link #text} and {@link #binary},
 * then {@link SessionClosing#disconnected()}, unless the session was closed. See {@code docs/design/session.md}.
 *
 * @param <S> the type of the connection's assigns
 */
public final class Session<S> extends SweepSchedule.Entry implements SessionClosing.Owner<S> {
    /** Gets the sessions that open and end. */
    interface Listener {
        /** A session opens. On its lane. */
        void opened(Session<?> session);

        /** A session has ended, with its channels. */
        void ended(Session<?> session);
    }

    /** The time for a client that is refused after its upgrade to close the connection. */
    private static final Duration REFUSED_TIME = Duration.ofSeconds(1);

    /** The topic of the protocol itself, which no channel has: for heartbeats, and for events of the connection. */
    static final String OWN_TOPIC = "phoenix";

    /** The id of an eviction of this connection alone, which is not read. */
    private static final String SELF = "";

    private final SessionServices services;
    private final Listener listener;
    private final LaneSessions sessions;
    private final Lane lane;
    private final Connection connection;
    private final Serializer serializer;
    private final Identity<S> identity;
    private final @Nullable String id;

    /** Created when it is first needed, if the client gave none. */
    @GuardedBy("this")
    private @Nullable String correlation;

    /** Written before it is opened. */
    private Correlation.@Nullable Trace trace;

    private final FlowControl flow;
    private final Outbox outbox;
    private final ChannelTable<S> table;
    private final FrameDispatcher<S> dispatcher;
    private final Liveness liveness;
    private final SessionClosing closing;

    /** Null when it is open. */
    private @Nullable Acceptance acceptance;

    /** The refusal of a client after its upgrade; null if it was accepted. */
    private ConnectOutcome.@Nullable Refused<?> refused;

    /** The time at which its acceptance began. */
    private final long begun;

    private final InetAddress client;

    Session(
            SessionServices services,
            Listener listener,
            LaneSessions sessions,
            Connection connection,
            ChannelRoutes<S> routes,
            Serializer serializer,
            Identity.User<S> user,
            Optional<String> id,
            Acceptance acceptance,
            Optional<String> correlation) {
        this.services = services;
        this.listener = listener;
        this.sessions = sessions;
        this.lane = sessions.lane();
        this.connection = connection;
        this.serializer = serializer;
        this.id = id.orElse(null);
        this.acceptance = acceptance;
        this.begun = acceptance.begun();
        this.client = acceptance.client();
        this.correlation = correlation.orElse(null);
        this.identity = new Identity<>(this, routes.refresh(), user);
        this.flow = new FlowControl(this, services.budget(), lane, connection);
        this.outbox = new Outbox(this, flow, lane, connection);
        this.table = new ChannelTable<>(this, services.channels(), sessions.handlers());
        this.dispatcher = new FrameDispatcher<>(this, routes);
        this.closing = new SessionClosing(this);
        this.liveness = new Liveness(flow);
    }

    /** Opens the session of an established connection. It is closed again if its id was disconnected during its acceptance. */
    public void open() {
        sessions.add(this);
        services.budget().memory().add(connectionBytes());
        listener.opened(this);
        // After it is registered by its id, whose tokens are kept from then on.
        if (Rates.areLimited(services.rates())) {
            dispatcher.limit(services.idRates().of(id(), services.budget().now()));
        }
        if (acceptance != null && id != null) {
            acceptance.disconnected(id).ifPresent(eviction -> closing.evict(eviction, begun));
        }
        acceptance = null;
        if (refused != null) {
            write("refused", Identity.payload(services.channels().codec(), refused));
            // Not at once: phoenix.js connects again 10 ms after the close of a connection that had opened.
            expireIn(REFUSED_TIME, SessionEnd.refused(refused.status()));
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

    @Override
    public long ownBytes() {
        return connectionBytes() + table.running() * MemoryBudget.CHANNEL_BYTES;
    }

    /** The heap of the session without its channels and what its client sends. */
    private long connectionBytes() {
        return MemoryBudget.CONNECTION_BYTES
                + (id == null ? 0 : MemoryBudget.ID_BYTES)
                + (trace == null ? 0 : MemoryBudget.TRACE_BYTES + trace.state().length());
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

    @Override
    public SessionServices services() {
        return services;
    }

    /** The sessions of its lane. Any thread. */
    LaneSessions sessions() {
        return sessions;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    /** The identity of its client. */
    Identity<S> identity() {
        return identity;
    }

    /**
     * The end of the session.
     *
     * @return how it closes
     */
    public SessionClosing closing() {
        return closing;
    }

    @Override
    public ChannelTable<S> table() {
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
        correlation = Objects.requireNonNullElseGet(correlation, LogContext::newId);
        return correlation;
    }

    /** Whether this is its correlation id. Creates none. Any thread. */
    synchronized boolean isCorrelatedBy(String given) {
        return given.equals(correlation);
    }

    @Override
    public Object party() {
        return id == null ? PartyShares.network(client) : id;
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
    public int maxMessageBytes() {
        return flow.limits().maxMessageBytes();
    }

    @Override
    public <T> void push(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        dispatcher.sent().check(event, services.channels().undeclared());
        lane.awaitCapacity();
        boolean _ = push(event.name(), services.channels().codec().encode(event, payload), new HashMap<>());
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
            services.counters().increment(Counter.BINARY_SKIPPED);
            return false;
        }
        lane.enqueue(new MessageEntry(this, message));
        return true;
    }

    @Override
    public void write(String event, Payload payload) {
        write(serializer.push(Ref.NULL, Ref.NULL, OWN_TOPIC, event, payload));
    }

    /** Writes a message for the connection itself, after the broadcasts that wait. */
    private void write(byte[] message) {
        if (closed()) {
            services.counters().increment(Counter.WRITES_AFTER_END);
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
        evict(new Eviction.Disconnected(SELF), services.budget().now());
    }

    @Override
    public <T> void kick(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        dispatcher.sent().check(event, services.channels().undeclared());
        Eviction kick = Eviction.kick(SELF, event, payload, services.channels().codec());
        evict(kick, services.budget().now());
    }

    @Override
    public void remove(String topic) {
        Objects.requireNonNull(topic, "topic");
        evict(Eviction.remove(SELF, topic), services.budget().now());
    }

    /**
     * Carries out an eviction, later and on the lane's thread. Any thread.
     *
     * @param eviction the eviction
     * @param at its time: a channel that was joined later is not removed
     */
    void evict(Eviction eviction, long at) {
        onLane(() -> closing.evict(eviction, at));
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
        expireIn(time, SessionEnd.EXPIRED);
    }

    private void expireIn(Duration time, SessionEnd end) {
        sweepNext();
        liveness.expireAt(services.budget().now() + time.toNanos(), end);
    }

    /** Sets the time limit of a new identity; empty for none. */
    void limit(Optional<Duration> validFor) {
        liveness.expireNever();
        validFor.ifPresent(this::expireIn);
    }

    @Override
    public boolean closed() {
        return closing.closed();
    }

    /**
     * Receives a text message.
     *
     * @param message the bytes that contain it; not written to again
     * @param from its first byte
     * @param to after its last byte
     */
    public void text(byte[] message, int from, int to) {
        if (begins(to - from)) {
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
        if (begins(to - from)) {
            dispatcher.receive(serializer.decodeBinary(message, from, to), to - from);
            flow.received(to - from);
        }
    }

    /** Counts a message. Returns false if it is ignored. */
    private boolean begins(int bytes) {
        if (closing.ignoresInput() || refused != null) {
            return false;
        }
        SessionEnd over = liveness.expired();
        if (over != null) {
            // After a pause of the process messages are read before the sweep that would have closed it.
            closing.close(over, over.reason());
            return false;
        }
        sweepNext();
        liveness.complete();
        lane.traffic().received(bytes);
        return true;
    }

    /**
     * Counts a ping.
     *
     * @return whether to answer it; if not, the session has ended, or ends after the replies to what was read
     */
    public boolean ping() {
        sweepNext();
        if (!closing.ignoresInput() && !liveness.ping()) {
            closeAfterReplies(SessionEnd.TOO_MANY_PINGS);
        }
        return !closing.ignoresInput();
    }

    /**
     * Counts bytes that have arrived as activity of the client, though they may complete no message.
     *
     * @param incomplete the bytes of the message that is not complete; 0 if there is none
     */
    public void arrived(int incomplete) {
        sweepNext();
        liveness.arrived(incomplete);
    }

    /** Counts a pong as activity of the client. */
    public void pong() {
        sweepNext();
        liveness.active();
    }

    /** The socket accepts bytes again. */
    public void writable() {
        outbox.flush();
        closing.closeIfDrained();
    }

    @Override
    public boolean isLost() {
        return closing.isLost();
    }

    @Override
    public void drained() {
        closing.drained();
    }

    /**
     * Ends the session and its connection. Does nothing if it has ended.
     *
     * @param end why, and what becomes of messages that were read before
     */
    public void close(SessionEnd end) {
        closing.close(end);
    }

    /** The same after the replies to what was read. */
    void closeAfterReplies(SessionEnd end) {
        closing.closeAfterReplies(end, end.reason());
    }

    @Override
    public void fault(Throwable fault) {
        closing.fault(fault);
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

    @Override
    public void finished() {
        sessions.remove(this);
        services.budget().memory().add(-connectionBytes());
        listener.ended(this);
        connection.finished();
    }

    @Override
    public void replyUnmatched(Frame frame) {
        if (closed()) {
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
    public ConnectionMemory memory() {
        return flow.memory();
    }

    @Override
    public void sent(byte[] message) {
        services.tap().sent(this, message);
    }

    @Override
    public void sent(StreamedMessage message) {
        services.tap().sent(this, message);
    }

    @Override
    public void sent(Replay replay) {
        services.tap().sent(this, replay);
    }

    @Override
    public void tooSlow(long bytes) {
        outbox.close();
        // In a later turn: the caller may walk the members of a topic.
        onLane(() -> closing.closeSlow(bytes + " bytes wait"));
    }

    @Override
    public void sweepNext() {
        if (isResting()) {
            sessions.wake(this);
        }
    }

    /** Whether no sweep has anything to do for it before {@link #nanosLeft}, unless something happens. */
    boolean rests() {
        return closing.rests() && liveness.rests() && outbox.rests() && table.rests();
    }

    /** The time until one of its timeouts is over. */
    long nanosLeft(long now) {
        return liveness.nanosLeft(now);
    }

    /** Drops messages that have waited for too long, and closes the connection if one of its timeouts is over. */
    void sweep(long now) {
        closing.sweep(now, liveness);
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
}
