package io.heliodor.session;

import io.heliodor.channel.Channels;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.directory.Directory;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.history.ResumeToken;
import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.FrameObserver;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.inspect.MemoryUse;
import io.heliodor.inspect.Operable;
import io.heliodor.inspect.Page;
import io.heliodor.inspect.ServedSocket;
import io.heliodor.inspect.TopicSize;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.limit.Limits;
import io.heliodor.limit.SessionLimits;
import io.heliodor.observe.AuditEvent;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Metric;
import io.heliodor.observe.Metrics;
import io.heliodor.observe.Observer;
import io.heliodor.once.OnceLimits;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.ReplicationMemory;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PubSubEnd;
import io.heliodor.session.budget.BoundedLog;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.IdRates;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.RateTokens;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.channel.ChannelServices;
import io.heliodor.session.channel.DeferredReplies;
import io.heliodor.session.channel.HandlerLog;
import io.heliodor.session.channel.PresenceJson;
import io.heliodor.session.cluster.ClusterState;
import io.heliodor.session.cluster.Endpoints;
import io.heliodor.session.cluster.IdPushes;
import io.heliodor.session.cluster.MemberCounts;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.eviction.EvictionLog;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Replay;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.retention.KeptTopics;
import io.heliodor.session.telemetry.AuditLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions and topics of one endpoint, as the server's code and the transport use them. Any thread may use it.
 *
 * <p>The {@link SessionRegistry} has the open sessions.
 */
public final class Hub implements Channels, Inspectable, Operable, Session.Endpoint, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** The time for two nodes, one after the other: the first may give no answer. */
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    /** Each node holds a last event for two minutes. */
    private static final int MAX_LAST_BYTES = 1_000;

    private final ClusterPubSub pubsub;
    private final Optional<ClusterState> cluster;
    private final PayloadCodec codec;
    private final Limits limits;
    private final SessionLimits sessionLimits;
    private final Counters counters = new Counters();
    private final Observers observers;
    private final Metrics metrics;
    private final LongSupplier clock;
    private final InstantSource wallClock;
    private final MemoryBudget memory;
    private final EndpointBudget budget;
    private final Endpoints endpoints;
    private final KeptTopics keptTopics;
    private final Fastlane fastlane;

    private final SessionRegistry registry;
    private final FrameTraces traces;
    private final IdRates idRates;
    private final EvictionLog disconnects;
    private final Gossip<GossipEntry> gossip;
    private final Subscription presences;
    private final PresenceJson presence;
    private final ChannelServices services;
    private final BoundedLog closings;
    private final BoundedLog faults;
    private final HandlerLog handlerLog;
    private final DeferredReplies deferredReplies;
    private final OnceCalls once;
    private final ServedRoutes servedRoutes = new ServedRoutes();
    private final Directory<Channels> directory;
    private final Subscription registered;
    private final IdPushes pushes;
    private final MemberCounts members;
    private final Inspection inspection;
    private volatile BiConsumer<String, Throwable> joinFailures = (topic, cause) -> {};
    private volatile Consumer<Undeclared> undeclared;
    private volatile Optional<Runnable> drainer = Optional.empty();
    private volatile Optional<Supplier<MemoryUse>> directMemory = Optional.empty();
    private volatile List<ServedSocket> sockets = List.of();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean drainBegun = new AtomicBoolean();
    private volatile boolean closed;

    /**
     * A hub without sessions, for sockets whose connections are valid until no time of the wall clock: that begins at the epoch.
     *
     * @param pubsub carries broadcasts and disconnects
     * @param codec turns payloads into values
     * @param limits the limits of the endpoint
     * @param clock monotonic, in nanoseconds
     */
    public Hub(PubSub pubsub, PayloadCodec codec, Limits limits, LongSupplier clock) {
        this(pubsub, codec, limits, TopicLimits.DEFAULTS, clock, () -> Instant.EPOCH.plusNanos(clock.getAsLong()));
    }

    /**
     * A hub without sessions.
     *
     * @param pubsub carries broadcasts and disconnects
     * @param codec turns payloads into values
     * @param limits the limits of the endpoint
     * @param topicLimits the limits that have no setting
     * @param clock monotonic, in nanoseconds
     * @param wallClock for times until which connections are valid
     */
    public Hub(
            PubSub pubsub,
            PayloadCodec codec,
            Limits limits,
            TopicLimits topicLimits,
            LongSupplier clock,
            InstantSource wallClock) {
        this(pubsub, codec, limits, topicLimits, OnceLimits.DEFAULTS, clock, wallClock);
    }

    /** A hub with other limits of calls that are executed once. */
    Hub(
            PubSub pubsub,
            PayloadCodec codec,
            Limits limits,
            TopicLimits topicLimits,
            OnceLimits onceLimits,
            LongSupplier clock,
            InstantSource wallClock) {
        this.pubsub = ClusterPubSub.of(pubsub);
        this.cluster = pubsub.spansNodes()
                ? Optional.of(new ClusterState(ClusterPubSub.nodesOf(pubsub), clock))
                : Optional.empty();
        this.handlerLog = new HandlerLog(clock);
        this.undeclared = handlerLog::undeclared;
        this.codec = codec.reports() ? codec : codec.reportingTo(handlerLog::unreadableNull);
        this.limits = limits;
        this.sessionLimits = limits.sessions();
        this.clock = clock;
        this.wallClock = wallClock;
        this.idRates = new IdRates(limits.rates());
        this.observers = new Observers(
                counters,
                new AuditLog(
                        counters, clock, ClusterPubSub.nodesOf(pubsub).self().name()));
        this.memory = new MemoryBudget(limits.memory().effectiveHeapBytes());
        this.budget =
                new EndpointBudget(clock, sessionLimits, limits.memory().effectiveConnectionBytes(), memory, counters);
        this.registry = new SessionRegistry(counters, observers);
        this.traces = new FrameTraces(registry);
        this.endpoints = new Endpoints(ClusterPubSub.nodesOf(pubsub.scope("heliodor.endpoints")));
        this.keptTopics = new KeptTopics(
                pubsub,
                this.codec,
                counters,
                clock,
                Math.min(limits.memory().maxHistoryBytes(), limits.memory().effectiveHeapBytes() / 4),
                topicLimits,
                memory,
                servedRoutes,
                (topic, event) -> servedRoutes.check(topic, event, this::undeclared),
                endpoints.number(),
                traces);
        this.fastlane = keptTopics.fastlane();
        this.disconnects = new EvictionLog(clock, registry::evict);
        this.gossip = new Gossip<>(
                "disconnected", pubsub.scope("heliodor.sockets"), GossipEntry.class, EntryFormat.FORMAT, disconnects);
        this.presence = new PresenceJson(this.codec, memory);
        this.closings = new BoundedLog(LOG, "closed connections", clock);
        this.faults = new BoundedLog(LOG, "faults of the server", clock);
        this.deferredReplies = new DeferredReplies(counters, handlerLog);
        this.once = OnceCalls.of(
                pubsub, pubsub.scope("heliodor.sockets"), onceLimits.within(memory.limit() / 8), clock, memory);
        this.services = new ChannelServices(
                budget,
                this,
                pubsub,
                this.codec,
                fastlane,
                presence,
                observers,
                handlerLog,
                deferredReplies,
                once,
                this::undeclared,
                (topic, cause) -> joinFailures.accept(topic, cause));
        this.metrics = allMetrics();
        this.presences = Announcement.scope(pubsub).subscribeInline(Announcement.DIFFS, this::presenceDiff);
        this.directory = new Directory<>(pubsub, Channels.class);
        this.registered = directory.add(this);
        this.pushes = new IdPushes(
                pubsub.scope("heliodor.sockets"),
                endpoints.number(),
                IdPushes.MAX_COUNTS,
                () -> counters.increment(Counter.PUSH_COUNTS_CUT),
                pushHere(directory));
        this.members = MemberCounts.over(ClusterPubSub.nodesOf(fastlane.pubsub()), memberCountHere(directory));
        this.inspection = new Inspection(keptTopics, registry);
    }

    /**
     * Checks the payload types of a socket.
     *
     * @param socket the definition
     * @param codec reads and writes them
     * @param spansNodes whether broadcasts come from other nodes
     * @throws IllegalArgumentException if payloads of a type can never be read or written, or have constraints of Bean Validation and
     *     the socket has no validator
     */
    public static void check(UserSocket<?> socket, PayloadCodec codec, boolean spansNodes) {
        new PayloadChecks(SocketDefinition.of(socket), codec, spansNodes).check();
    }

    /**
     * Prepares the routes of a socket.
     *
     * @param socket the definition
     * @param <S> the type of the connection's assigns
     * @return its routes
     */
    public static <S> Routes<S> routes(UserSocket<S> socket) {
        return new Routes<>(SocketDefinition.of(socket));
    }

    /**
     * Serves a socket. The events that its channels keep are kept also when they are broadcast here for the members of other
     * nodes.
     *
     * @param served its routes
     */
    public void serve(Routes<?> served) {
        servedRoutes.add(served);
    }

    /**
     * A session, to be {@link Session#open opened} on its lane.
     *
     * @param lane what owns it
     * @param connection what carries it
     * @param routes which channels it may join
     * @param serializer its version of the wire
     * @param accepted the outcome of the connect handler
     * @param acceptance from before the connect handler was called
     * @param correlation the correlation id of its log lines, if the client or its connect handler gave one
     * @param <S> the type of the connection's assigns
     * @return the session
     */
    public <S> Session<S> session(
            LaneSessions lane,
            Connection connection,
            Routes<S> routes,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Optional<String> correlation) {
        Session<S> session = new Session<>(
                this,
                lane,
                connection,
                routes,
                serializer,
                new Identity.User<>(accepted.assigns(), accepted.principal()),
                accepted.id(),
                correlation);
        accepted.validFor().ifPresent(session::expireIn);
        session.accepted(acceptance);
        return session;
    }

    /**
     * A session of a client that is refused after its upgrade, to be {@link Session#open opened} on its lane.
     *
     * @param lane what owns it
     * @param connection what carries it
     * @param serializer its version of the wire
     * @param refused the outcome of the connect handler
     * @param acceptance from before the connect handler was called
     * @param correlation the correlation id of its log lines, if the client or its connect handler gave one
     * @return the session, which handles no message and is closed a second after it was opened
     */
    public Session<?> refusedSession(
            LaneSessions lane,
            Connection connection,
            Serializer serializer,
            ConnectOutcome.Refused<?> refused,
            Acceptance acceptance,
            Optional<String> correlation) {
        Session<Empty> session = new Session<>(
                this,
                lane,
                connection,
                Routes.none(),
                serializer,
                new Identity.User<>(Empty.EMPTY, Optional.empty()),
                Optional.empty(),
                correlation);
        session.accepted(acceptance);
        session.refuse(refused);
        return session;
    }

    @Override
    public <T> void broadcast(String topic, Event<T> event, T payload) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(event, "event");
        checkNoPattern(topic);
        checkOpen();
        fastlane.broadcast(List.of(topic), event, payload, null);
    }

    @Override
    public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
        Objects.requireNonNull(topics, "topics");
        Objects.requireNonNull(event, "event");
        topics.forEach(Hub::checkNoPattern);
        checkOpen();
        fastlane.broadcast(new LinkedHashSet<>(topics), event, payload, null);
    }

    private Stream<Hub> all() {
        return all(directory);
    }

    /** The endpoints of this node over the pub/sub. */
    private static Stream<Hub> all(Directory<Channels> directory) {
        return directory.all().stream().filter(Hub.class::isInstance).map(Hub.class::cast);
    }

    @Override
    public <T> CompletionStage<Integer> push(String id, Event<T> event, T payload) {
        Objects.requireNonNull(id, "socketId");
        Objects.requireNonNull(event, "event");
        checkOpen();
        servedRoutes.checkOfSockets(event, this::undeclared);
        return pushes.push(id, event.name(), codec.encode(event, payload));
    }

    /** Without a reference to this endpoint, as another one may deliver for all of this node. */
    private static IdPushes.Delivery pushHere(Directory<Channels> directory) {
        return (id, event, payload) -> {
            Map<Serializer, byte[]> encoded = new HashMap<>();
            return (int) all(directory)
                    .flatMap(hub -> hub.registry.find(id).stream())
                    .filter(session -> session.push(event, payload, encoded))
                    .count();
        };
    }

    @Override
    public List<Socket<?>> localConnections(String id) {
        Objects.requireNonNull(id, "socketId");
        checkOpen();
        return all().<Socket<?>>flatMap(hub -> hub.registry.find(id).stream()).toList();
    }

    @Override
    public List<Socket<?>> localMembers(String topic) {
        Objects.requireNonNull(topic, "topic");
        checkOpen();
        return all().flatMap(hub -> hub.fastlane.find(topic).stream())
                .flatMap(known -> known.sockets().stream())
                .toList();
    }

    @Override
    public int memberCount(String topic) {
        Objects.requireNonNull(topic, "topic");
        checkOpen();
        return members.count(topic, fastlane.elsewhere(topic));
    }

    /** Without a reference to this endpoint, which it may outlive. */
    private static ToIntFunction<String> memberCountHere(Directory<Channels> directory) {
        return topic -> all(directory)
                .flatMap(hub -> hub.fastlane.find(topic).stream())
                .mapToInt(FastlaneTopic::memberCount)
                .sum();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The endpoint is closed, so its channels cannot be reached any more.");
        }
    }

    @Override
    public boolean serves(String topic) {
        Objects.requireNonNull(topic, "topic");
        return servedRoutes.serves(topic);
    }

    @Override
    public KeptMessages newest(String topic, int limit) {
        Objects.requireNonNull(topic, "topic");
        checkLimit(limit);
        checkOpen();
        return keptTopics.read(topic, kept -> kept.newest(limit));
    }

    @Override
    public KeptMessages since(String topic, String token, int limit) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(token, "token");
        checkLimit(limit);
        checkOpen();
        Optional<ResumeToken> since = ResumeToken.of(token);
        return keptTopics.read(topic, kept -> kept.since(since, limit));
    }

    private static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("A limit is 1 or more, not " + limit + ".");
        }
    }

    /** {@inheritDoc} A node that is cut off closes its connections when it is back within a minute. */
    @Override
    public void disconnect(String id) {
        Objects.requireNonNull(id, "socketId");
        evict(new Eviction.Disconnected(id));
    }

    @Override
    public <T> void kick(String id, Event<T> event, T payload) {
        Objects.requireNonNull(id, "socketId");
        Objects.requireNonNull(event, "event");
        servedRoutes.checkOfSockets(event, this::undeclared);
        evict(kicked(id, event, payload));
    }

    @Override
    public void remove(String id, String topic) {
        Objects.requireNonNull(id, "socketId");
        Objects.requireNonNull(topic, "topic");
        Session.checkTopic(topic);
        evict(new Eviction.Removed(id, topic));
    }

    @Override
    public void recheck(String id) {
        Objects.requireNonNull(id, "socketId");
        evict(new Eviction.Rechecked(id));
    }

    private void evict(Eviction eviction) {
        checkOpen();
        gossip.publish(EvictionLog.entry(eviction));
    }

    /** A kick with its event encoded. */
    @Override
    public <T> Eviction.Kicked kicked(String id, Event<T> event, T payload) {
        if (!(codec.encode(event, payload) instanceof Payload.Json json)) {
            throw new IllegalArgumentException("The last event '" + event.name()
                    + "' has bytes as its payload; use an event whose payload is a JSON object.");
        }
        if (json.length() > MAX_LAST_BYTES) {
            throw new IllegalArgumentException("The payload of the last event '" + event.name() + "' has "
                    + json.length() + " bytes; the maximum is " + MAX_LAST_BYTES + ".");
        }
        return new Eviction.Kicked(id, event.name(), json);
    }

    /** A topic of this name has other members than the caller means. */
    private static void checkNoPattern(String topic) {
        Objects.requireNonNull(topic, "topic");
        if (topic.endsWith("*")) {
            throw new IllegalArgumentException("'" + ControlCharacters.escaped(topic)
                    + "' is a pattern of channels, not a topic, so no member would get the broadcast; name each topic, or"
                    + " keep them in a group: Groups.over(pubsub).");
        }
    }

    /**
     * Begins the acceptance of a connection, so that it misses no {@linkplain #disconnect disconnect} of its id from now on.
     *
     * @param client the address of the client
     * @return the acceptance, which calls the connect handler and is given to the {@link #session session}
     */
    public Acceptance accept(InetAddress client) {
        return registry.accept(client, nanos());
    }

    /**
     * Begins the acceptance of a connection of a client on this machine.
     *
     * @return the acceptance
     */
    public Acceptance accept() {
        return accept(InetAddress.getLoopbackAddress());
    }

    /** Broadcasts a diff of presences to the members here. Nothing is encoded for a topic without members. */
    private void presenceDiff(Announcement diff) {
        if (draining.get()) {
            // The clients leave within seconds, and get the state on their next node. Each of ten thousand would
            // receive as many leaves.
            return;
        }
        fastlane.find(diff.topic()).ifPresent(topic -> {
            servedRoutes.checkPresences(diff.topic(), this::undeclared);
            topic.awaitCapacity();
            topic.receive(new Broadcast("presence_diff", presence.diff(diff), null, null));
        });
    }

    /** The tokens for the rates of a connection that is open. */
    @Override
    public RateTokens rates(Session<?> session) {
        return idRates.of(session.id(), nanos());
    }

    @Override
    public void opened(Session<?> session) {
        registry.add(session);
    }

    @Override
    public void ended(Session<?> session) {
        registry.remove(session);
    }

    /** The traces of frames that run. */
    FrameTraces traces() {
        return traces;
    }

    @Override
    public void traceReceived(Session<?> session, Frame frame, int bytes) {
        traces.received(session, frame, bytes);
    }

    @Override
    public void traceMalformed(Session<?> session, int bytes) {
        traces.malformed(session, bytes);
    }

    @Override
    public void traceSent(Session<?> session, byte[] message) {
        traces.sent(session, message);
    }

    @Override
    public void traceSent(Session<?> session, StreamedMessage message) {
        traces.sent(session, message);
    }

    @Override
    public void traceSent(Session<?> session, Replay replay) {
        traces.sent(session, replay);
    }

    /** The sessions that are open. */
    SessionRegistry registry() {
        return registry;
    }

    /**
     * The state of the cluster.
     *
     * @return the state; empty if the pub/sub is of one JVM
     */
    public Optional<ClusterState> cluster() {
        return cluster;
    }

    /**
     * The endpoints over the pub/sub.
     *
     * @return all of them
     */
    public Endpoints endpoints() {
        return endpoints;
    }

    /**
     * The reason why the pub/sub has ended, such as that of its node.
     *
     * @return lower-case letters and {@code _}; empty while it is open
     */
    public Optional<String> endOfPubSub() {
        return pubsub.ended().map(PubSubEnd::reason);
    }

    @Override
    public PayloadCodec codec() {
        return codec;
    }

    /** The clock, limits, memory and counters that the connections share. */
    @Override
    public EndpointBudget budget() {
        return budget;
    }

    /** The parts of the endpoint that its channels share. */
    @Override
    public ChannelServices services() {
        return services;
    }

    KeptTopics keptTopics() {
        return keptTopics;
    }

    Fastlane fastlane() {
        return fastlane;
    }

    /**
     * Whether {@link #drain} was called.
     *
     * @return true from then on
     */
    @Override
    public boolean draining() {
        return draining.get();
    }

    @Override
    public long nanos() {
        return clock.getAsLong();
    }

    /** The time of the wall clock. */
    @Override
    public Instant instant() {
        return wallClock.instant();
    }

    /**
     * The limits of the endpoint.
     *
     * @return the limits
     */
    @Override
    public Limits limits() {
        return limits;
    }

    /**
     * The limits of each session: those of {@link #limits()}, one step nearer for the path of a frame.
     *
     * @return the limits
     */
    @Override
    public SessionLimits sessionLimits() {
        return sessionLimits;
    }

    /** The log about connections that are closed for a fault of their clients, or because memory is short. */
    @Override
    public BoundedLog closings() {
        return closings;
    }

    /** The log about faults of the server that end connections. */
    @Override
    public BoundedLog faults() {
        return faults;
    }

    /**
     * Gets the causes of joins that were refused with {@code join crashed}, which are in the log alone otherwise. For tests.
     *
     * @param listener gets the topic and the cause, on any thread; must not block
     */
    public void onJoinFailure(BiConsumer<String, Throwable> listener) {
        joinFailures = listener;
    }

    /**
     * Gets the messages that are sent without being declared, which are in the log alone otherwise. For tests.
     *
     * @param listener gets a sentence about each, on the thread that sends it; must not block or throw
     */
    public void onUndeclared(Consumer<String> listener) {
        undeclared = message -> listener.accept(message.text());
    }

    @Override
    public void undeclared(Undeclared message) {
        counters.increment(Counter.MESSAGES_UNDECLARED);
        undeclared.accept(message);
    }

    /**
     * The heap that the clients make the endpoint hold.
     *
     * @return the budget
     */
    @Override
    public MemoryBudget memory() {
        return memory;
    }

    /**
     * The observers of the endpoint.
     *
     * @return the observers
     */
    @Override
    public Observers observers() {
        return observers;
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public Optional<MemoryUse> directMemory() {
        return directMemory.map(Supplier::get);
    }

    /**
     * Sets the direct memory of the endpoint.
     *
     * @param used reads the bytes in use, on any thread
     * @param limit the limit in bytes
     */
    public void directMemory(LongSupplier used, long limit) {
        directMemory = Optional.of(() -> new MemoryUse(used.getAsLong(), limit));
    }

    @Override
    public Subscription observe(HandlerObserver observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription observe(Observer observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription trace(TraceTarget target, FrameObserver observer) {
        return traces.begin(target, observer);
    }

    @Override
    public Page<TopicSize> topics(String part, int limit) {
        return inspection.topics(part, limit);
    }

    @Override
    public Page<String> ids(String part, int limit) {
        return inspection.ids(part, limit);
    }

    @Override
    public Page<ConnectionState> connections(String id, int limit, int maxTopics) {
        return inspection.connections(id, limit, maxTopics);
    }

    @Override
    public Page<ConnectionState> members(String topic, int limit) {
        return inspection.members(topic, limit);
    }

    @Override
    public List<ConnectionState> slowest(int limit) {
        return inspection.slowest(limit);
    }

    @Override
    public List<KeptEvent> kept(String topic, int limit) {
        return inspection.kept(topic, limit);
    }

    @Override
    public int disconnectConnection(String connection, Optional<String> id) {
        return registry.disconnect(connection, id);
    }

    /**
     * Sets the task that drains the server of the endpoint.
     *
     * @param drain drains it, and blocks until then
     */
    public void drainsBy(Runnable drain) {
        drainer = Optional.of(drain);
    }

    /**
     * Sets the sockets that clients connect to, for operators.
     *
     * @param served the sockets with their paths
     */
    public void shows(List<ServedSocket> served) {
        sockets = List.copyOf(served);
    }

    @Override
    public List<ServedSocket> sockets() {
        return sockets;
    }

    @Override
    public boolean beginDrain() {
        if (closed) {
            return false;
        }
        drainer.filter(_ -> !draining.get() && drainBegun.compareAndSet(false, true))
                .ifPresent(drain -> Thread.ofVirtual().name("heliodor-drain").start(drain));
        return drainer.isPresent();
    }

    @Override
    public void audit(AuditEvent event, Map<String, String> fields) {
        observers.audit().write(event, line -> fields.forEach(line::with));
    }

    private Metrics allMetrics() {
        List<Metric> all = new ArrayList<>(counters.metrics());
        all.add(gauge("topics", "", "Topics that have members, or a history that outlives them.", this::topics));
        all.add(gauge("memory.used", "bytes", "Heap that clients make the endpoint hold.", memory::used));
        all.add(gauge(
                "memory.replicated",
                "bytes",
                "Part of memory.used: presences of other nodes, which this node cannot drop.",
                memory::replicated));
        all.add(gauge("memory.limit", "bytes", "Heap that clients may make the endpoint hold.", memory::limit));
        return new Metrics(all);
    }

    private static Metric gauge(String name, String unit, String description, LongSupplier value) {
        return new Metric("heliodor." + name, Optional.empty(), Metric.Kind.GAUGE, unit, description, value);
    }

    /**
     * The counters of the endpoint.
     *
     * @return the counters
     */
    @Override
    public Counters counters() {
        return counters;
    }

    /**
     * The number of topics that have members here, or a history that outlives them.
     *
     * @return topics
     */
    public int topics() {
        return fastlane.topics();
    }

    /**
     * Drops what histories have kept for their time, and old disconnects; finds deferred replies that can never be sent; counts the
     * heap of presences of other nodes; reports audit events that were left out. To be called every second or so, and on no event
     * loop: it looks at all of them.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    public void sweep(long now) {
        keptTopics.sweep(now);
        disconnects.sweep(now);
        deferredReplies.sweep();
        once.sweep();
        countReplication();
        idRates.sweep(registry::isConnected, now);
        observers.audit().sweep(now);
    }

    private void countReplication() {
        long bytes = 0;
        try {
            bytes = ReplicationMemory.of(Announcement.scope(pubsub));
        } catch (IllegalStateException e) {
            LOG.debug("The pub/sub is closed, and its presences with it.", e);
        }
        memory.setReplicated(bytes);
    }

    /**
     * Refuses joins from now on, and copies of histories of other nodes.
     *
     * @return whether this is the first call
     */
    public boolean drain() {
        boolean first = draining.compareAndSet(false, true);
        once.leave();
        keptTopics.leave();
        return first;
    }

    /**
     * Brings the answers of calls that are executed once, and what the histories keep, to other nodes. Blocks for five seconds each at
     * most, and not at all without other nodes, or after the end of the node.
     */
    public void handOver() {
        if (pubsub.ended().isEmpty()) {
            once.handOver(HAND_OVER);
            keptTopics.replicas().handOver(HAND_OVER);
        }
    }

    /** Stops listening to the pub/sub, which may live on. The sessions have ended before. */
    @Override
    public void close() {
        closed = true;
        registered.close();
        pushes.close();
        once.close();
        gossip.close();
        presences.close();
        observers.close();
        traces.close();
        keptTopics.close();
        endpoints.close();
    }
}
