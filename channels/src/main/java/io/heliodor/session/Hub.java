package io.heliodor.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.event.Empty;
import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.limit.Limits;
import io.heliodor.limit.SessionLimits;
import io.heliodor.once.OnceLimits;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.ReplicationMemory;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PubSubEnd;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.IdRates;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.channel.ChannelServices;
import io.heliodor.session.channel.DeferredReplies;
import io.heliodor.session.channel.HandlerLog;
import io.heliodor.session.channel.PresenceJson;
import io.heliodor.session.cluster.ClusterState;
import io.heliodor.session.cluster.Endpoints;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.EvictionLog;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.retention.KeptTopics;
import io.heliodor.session.telemetry.AuditLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One endpoint without a network: builds its parts, creates its sessions, and sweeps, drains and closes all of it. Any thread may use it.
 *
 * <p>{@link SessionRegistry} has the open sessions, {@link Fastlane} the topics.
 */
public final class Hub implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** The time for two nodes, one after the other: the first may give no answer. */
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    private final ClusterPubSub pubsub;
    private final Optional<ClusterState> cluster;
    private final Limits limits;
    private final SessionLimits sessionLimits;
    private final Counters counters = new Counters();
    private final Observers observers;
    private final LongSupplier clock;
    private final MemoryBudget memory;
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
    private final SessionServices services;
    private final DeferredReplies deferredReplies;
    private final OnceCalls once;
    private final ServedRoutes servedRoutes = new ServedRoutes();
    private final EndpointChannels channels;
    private final AtomicBoolean draining = new AtomicBoolean();

    /** Held while the endpoint leaves the pub/sub, so that neither a second drain nor the close comes between. */
    private final Object ending = new Object();

    @GuardedBy("ending")
    private boolean closed;

    private volatile BiConsumer<String, Throwable> joinFailures = (topic, cause) -> {};
    private volatile Consumer<Undeclared> undeclared;

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
            PayloadCodec given,
            Limits limits,
            TopicLimits topicLimits,
            OnceLimits onceLimits,
            LongSupplier clock,
            InstantSource wallClock) {
        this.pubsub = ClusterPubSub.of(pubsub);
        this.cluster = pubsub.spansNodes()
                ? Optional.of(new ClusterState(ClusterPubSub.nodesOf(pubsub), clock))
                : Optional.empty();
        HandlerLog handlerLog = new HandlerLog(clock);
        this.undeclared = handlerLog::undeclared;
        PayloadCodec codec = given.reports() ? given : given.reportingTo(handlerLog::unreadableNull);
        this.limits = limits;
        this.sessionLimits = limits.sessions();
        this.clock = clock;
        this.idRates = new IdRates(limits.rates());
        this.observers = new Observers(
                counters,
                new AuditLog(
                        counters, clock, ClusterPubSub.nodesOf(pubsub).self().name()),
                clock);
        this.memory = new MemoryBudget(limits.memory().effectiveHeapBytes());
        this.registry = new SessionRegistry(counters, observers);
        this.traces = new FrameTraces(registry, clock);
        this.endpoints = new Endpoints(ClusterPubSub.nodesOf(pubsub.scope("heliodor.endpoints")));
        this.keptTopics = new KeptTopics(
                pubsub,
                codec,
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
        this.presence = new PresenceJson(codec, memory, clock);
        this.deferredReplies = new DeferredReplies(counters, handlerLog);
        this.once = OnceCalls.of(
                pubsub, pubsub.scope("heliodor.sockets"), onceLimits.within(memory.limit() / 8), clock, memory);
        this.channels = new EndpointChannels(
                pubsub,
                codec,
                keptTopics,
                registry,
                servedRoutes,
                this::undeclared,
                handlerLog::undeclared,
                gossip,
                new Inspection(keptTopics, registry, traces, observers, counters, memory),
                observers,
                counters,
                draining::get,
                endpoints.number());
        EndpointBudget budget =
                new EndpointBudget(clock, sessionLimits, limits.memory().effectiveConnectionBytes(), memory, counters);
        this.services = new SessionServices(
                limits.rates(),
                wallClock,
                new ChannelServices(
                        budget,
                        channels,
                        pubsub,
                        codec,
                        fastlane,
                        presence,
                        observers,
                        handlerLog,
                        deferredReplies,
                        once,
                        this::undeclared,
                        (topic, cause) -> joinFailures.accept(topic, cause)),
                idRates,
                new SessionLog(clock),
                traces,
                draining::get);
        this.presences = Announcement.scope(pubsub).subscribeInline(Announcement.DIFFS, this::presenceDiff);
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
    public static <S> ChannelRoutes<S> routes(UserSocket<S> socket) {
        return new ChannelRoutes<>(SocketDefinition.of(socket));
    }

    /**
     * Serves a socket. The events that its channels keep are kept also when they are broadcast here for the members of other
     * nodes.
     *
     * @param served its routes
     */
    public void serve(ChannelRoutes<?> served) {
        served.patterns()
                .filter(pattern -> pattern.startsWith("/"))
                .forEach(pattern -> LOG.warn(
                        "The pattern '{}' begins with a slash, as destinations of STOMP do. Clients must join this very text; topics of"
                                + " Phoenix look like room:42.",
                        pattern));
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
            ChannelRoutes<S> routes,
            Serializer serializer,
            ConnectOutcome.Accepted<? extends S> accepted,
            Acceptance acceptance,
            Optional<String> correlation) {
        Session<S> session = new Session<>(
                services,
                registry,
                lane,
                connection,
                routes,
                serializer,
                new Identity.User<>(accepted.assigns(), accepted.principal()),
                accepted.id(),
                acceptance,
                correlation);
        accepted.validFor().ifPresent(session::expireIn);
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
        Session<Empty> session = session(
                lane, connection, ChannelRoutes.none(), serializer, Connect.ok(Empty.EMPTY), acceptance, correlation);
        session.refuse(refused);
        return session;
    }

    /**
     * Begins the acceptance of a connection, so that it misses no {@linkplain Channels#disconnect disconnect} of its id from now on.
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

    FrameTraces traces() {
        return traces;
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

    KeptTopics keptTopics() {
        return keptTopics;
    }

    Fastlane fastlane() {
        return fastlane;
    }

    /**
     * The channels of the endpoint, for the server's code and its operators.
     *
     * @return always the same object
     */
    public EndpointChannels channels() {
        return channels;
    }

    /**
     * Whether {@link #drain} was called.
     *
     * @return true from then on
     */
    public boolean draining() {
        return draining.get();
    }

    /** The present time. */
    long nanos() {
        return clock.getAsLong();
    }

    /**
     * The limits of the endpoint.
     *
     * @return the limits
     */
    public Limits limits() {
        return limits;
    }

    /**
     * The limits of each session: those of {@link #limits()}, one step nearer for the path of a frame.
     *
     * @return the limits
     */
    public SessionLimits sessionLimits() {
        return sessionLimits;
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

    private void undeclared(Undeclared message) {
        counters.increment(Counter.MESSAGES_UNDECLARED);
        undeclared.accept(message);
    }

    /**
     * The heap that the clients make the endpoint hold.
     *
     * @return the budget
     */
    public MemoryBudget memory() {
        return memory;
    }

    /**
     * The observers of the endpoint.
     *
     * @return the observers
     */
    public Observers observers() {
        return observers;
    }

    /**
     * The counters of the endpoint.
     *
     * @return the counters
     */
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
        synchronized (ending) {
            boolean first = draining.compareAndSet(false, true);
            if (first && !closed) {
                once.leave();
                keptTopics.leave();
            }
            return first;
        }
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
        channels.close();
        boolean left;
        synchronized (ending) {
            closed = true;
            left = draining.get();
        }
        once.close(left);
        gossip.close();
        presences.close();
        observers.close();
        traces.close();
        keptTopics.close();
        endpoints.close();
    }
}
