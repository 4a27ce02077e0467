package io.heliodor.testkit;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import io.heliodor.limit.SessionLimits;
import io.heliodor.observe.Metrics;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.testkit.KitServer.ConnectResult;
import io.heliodor.wire.PayloadCodec;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * A test server for the channels of a socket, without a network: clients connect, join, push and expect in one JVM, through
 * the code that a server runs.
 *
 * {@snippet :
 * try (ChannelKit kit = ChannelKit.start(socket)) {
 *     TestChannel ana = kit.connect(Map.of("name", "ana")).join("room:lobby");
 *     TestChannel ben = kit.connect(Map.of("name", "ben")).join("room:lobby");
 *     Saved saved = ana.call(SAY, new NewMessage("hi"));
 *     assertThat(ben.expect(SAID).by()).isEqualTo("ana");
 *     ben.expectNothing(TYPING);
 * }
 * }
 *
 * <p><b>Included:</b> the connect handler, sessions, handlers on virtual threads, broadcasts, presence, histories, limits, and
 * frames of version 2.0.0. The JSON mapper encodes and decodes payloads in both directions, so a record that cannot be
 * encoded or decoded fails the test. A null that could not be decoded is an {@link AssertionError}, where a server logs a
 * line. After a message that its channel does not {@linkplain io.heliodor.channel.Channel.Builder#sends declare}, {@link #settle} and
 * {@link #close} throw one. <b>Not included:</b> HTTP, origins, TLS, long poll, version 1, compression, and the buffers of a network. For several
 * nodes use a {@link ClusterKit}: see {@link Builder#node}.
 *
 * <p><b>The clock.</b> Limits, timeouts and the ages of histories use a clock that only {@link #advance} moves. Your own code
 * can use the same clock: see {@link TestClock}. Waits of a test, {@code Thread.sleep} and your own timers take real time.
 *
 * <p><b>Threads:</b> any thread may use a kit, except threads that run handlers. Handlers may use {@link #channels} and
 * {@link #pubsub}.
 */
public final class ChannelKit implements AutoCloseable {
    /** The longest period of sweeps. */
    private static final long LONGEST_STEP = Duration.ofSeconds(1).toNanos();

    private static final long SHORTEST_STEP = Duration.ofMillis(10).toNanos();
    private static final long MAX_STEPS = 10_000;

    private static final long HEARTBEAT = Duration.ofSeconds(30).toNanos();

    private final Duration deadline;
    private final TestClock clock;
    private final long begin;
    private final Optional<NodeRef> cluster;
    private final Optional<Subscription> tickSubscription;
    private final KitServer server;
    private final KitSettler settler;
    private final ClientKit forClients;
    private final List<TestClient> clients = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile boolean killed;

    /** The node of the server, and the time of its present incarnation. */
    private record NodeRef(ClusterKit cluster, String node, NodeTime time) {}

    private ChannelKit(Builder builder, TestClock clock) {
        this.clock = clock;
        this.deadline = builder.deadline;
        PayloadCodec codec = builder.json.map(PayloadCodec::strict).orElseGet(PayloadCodec::strict);
        this.cluster = builder.cluster;
        this.begin = now();
        this.server = new KitServer(
                builder.socket,
                builder.pubsub,
                codec,
                builder.limits,
                builder.topicLimits,
                List.copyOf(builder.presences),
                this::now,
                KitClock.of(() -> now() - VirtualClock.BEGIN));
        this.settler = new KitSettler(
                server, deadline, cluster.map(ref -> end -> ref.cluster().settle(end, deadline)));
        this.forClients = new ClientKit(server, settler, codec, deadline, cluster.map(NodeRef::cluster), this::settle);
        this.tickSubscription =
                cluster.map(_ -> ClusterPubSub.nodesOf(server.pubsub()).subscribe(new NodeTicks()));
    }

    /** Checks timeouts with the ticks of the server's node. There are none while it is paused, or after it was killed. */
    private final class NodeTicks implements Nodes.Listener {
        @Override
        public void tick(long nanos) {
            server.loop().execute(ChannelKit.this::checkTimeouts);
        }
    }

    /**
     * The time of the server's node, also between ticks: after a pause the first tick may follow messages of other nodes.
     * Without a node the time to which {@link #advance} has moved the clock.
     */
    private long now() {
        return cluster.map(ref -> ref.time().nanos()).orElseGet(() -> VirtualClock.BEGIN + clock.nanos());
    }

    /**
     * Starts a kit with the defaults.
     *
     * @param socket the socket to test
     * @return the kit
     */
    public static ChannelKit start(UserSocket<?> socket) {
        return builder(socket).start();
    }

    /**
     * Creates a builder.
     *
     * @param socket the socket to test
     * @return a builder with the defaults
     */
    public static Builder builder(UserSocket<?> socket) {
        Objects.requireNonNull(socket, "socket");
        return new Builder(socket);
    }

    /**
     * Connects a client without params.
     *
     * @return the client
     * @throws AssertionError if the connect handler refuses it, takes too long, or throws: with what it threw as the cause
     */
    public TestClient connect() {
        return request().connect();
    }

    /**
     * Connects a client.
     *
     * @param params the parameters of its query by name
     * @return the client
     * @throws AssertionError if the connect handler refuses it, takes too long, or throws: with what it threw as the cause
     */
    public TestClient connect(Map<String, String> params) {
        Objects.requireNonNull(params, "params");
        return request().params(params).connect();
    }

    /**
     * Connects and expects a refusal.
     *
     * @param params the parameters of the query by name
     * @return the HTTP status of the refusal; 503 after {@link ChannelKit#drain}
     * @throws AssertionError if the client is accepted, or the connect handler takes too long, or if it throws: with what it
     *     threw as the cause
     */
    public int connectRefused(Map<String, String> params) {
        Objects.requireNonNull(params, "params");
        return request().params(params).refused().status();
    }

    /**
     * Creates a request to connect, with headers, cookies and more.
     *
     * @return an empty request
     */
    public Request request() {
        checkOpen();
        if (killed) {
            throw new IllegalStateException(
                    "The node of this kit was killed: restart it, and start another kit on it.");
        }
        return new Request(this);
    }

    /**
     * Returns the broadcasts to topics and the actions on connections, as {@code Endpoint.channels} does.
     *
     * @return always the same object
     */
    public Channels channels() {
        return server.hub().channels();
    }

    /**
     * Refuses further connections and joins, and closes all connections together with code 1001, as {@code Endpoint.drain}
     * does. Then it waits for handlers, deferred replies and leave hooks, until the deadline at most, and moves kept messages to other nodes. On
     * the pub/sub of a node of a {@link ClusterKit} this may need the cluster's clock, which this kit advances only if it was
     * built {@linkplain Builder#node for the node}.
     */
    public void drain() {
        checkOpen();
        server.drain();
        if (cluster.isEmpty()) {
            server.awaitDrained(deadline);
            server.endDrain();
            server.hub().handOver();
            return;
        }
        ClusterKit kit = cluster.get().cluster();
        long end = server.threads().nanoTime() + deadline.toNanos();
        kit.await(() -> !server.isDraining() || server.threads().nanoTime() - end >= 0);
        server.endDrain();
        kit.await(kit.async(Executors.callable(server.hub()::handOver))::isDone);
    }

    /**
     * Returns the pub/sub of broadcasts.
     *
     * @return the one given to the builder, or its own
     */
    public PubSub pubsub() {
        return server.pubsub();
    }

    /**
     * Returns the counters and gauges, as an endpoint does.
     *
     * @return always the same object; each value is current when it is read
     */
    public Metrics metrics() {
        return server.hub().channels().inspection().metrics();
    }

    /**
     * Advances the clock in steps. In each step clients send due heartbeats, and the server checks its timeouts. Pending work
     * completes before the clock moves; work triggered by the move completes before this method returns. It does not wait for
     * handlers that block.
     *
     * @param by 0 or more
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if the server is on a {@linkplain Builder#node node} and uses its clock
     */
    public void advance(Duration by) {
        Objects.requireNonNull(by, "by");
        if (by.isNegative()) {
            throw new IllegalArgumentException("The clock cannot advance by " + by + ".");
        }
        checkOpen();
        if (cluster.isPresent()) {
            throw new IllegalStateException(
                    "The clock of a kit on a node is that of its cluster: call ClusterKit.advance.");
        }
        settler.awaitIdle();
        long until = now() + by.toNanos();
        long step = Math.max(step(server.hub().sessionLimits()), by.toNanos() / MAX_STEPS);
        while (now() < until) {
            long next = Math.min(until, now() + step);
            server.loop().perform(() -> {
                clock.moveTo(next - VirtualClock.BEGIN);
                checkTimeouts();
            });
        }
        settler.awaitIdle();
    }

    /** Sends due heartbeats, and checks the timeouts of the server. On the loop. */
    private void checkTimeouts() {
        long now = now();
        long interval =
                Math.min(HEARTBEAT, server.hub().sessionLimits().idleTimeout().toNanos() / 2);
        clients.forEach(client -> client.sendHeartbeatIfDue(now, interval));
        // After the work that the heartbeats cause.
        server.loop().execute(() -> server.sweep(now));
    }

    /** The period of sweeps, as in a server. */
    private static long step(SessionLimits limits) {
        long shortest = Math.min(
                limits.idleTimeout().toNanos(),
                Math.min(
                        limits.stallTimeout().toNanos(), limits.mailboxTimeout().toNanos()));
        return Math.clamp(shortest / 4, SHORTEST_STEP, LONGEST_STEP);
    }

    /**
     * Returns how far the clock has advanced since the kit was started.
     *
     * @return 0 or more
     */
    public Duration elapsed() {
        return Duration.ofNanos(now() - begin);
    }

    /**
     * Returns the clock for code of the test. Channels that need a clock are built before the kit, with a {@link TestClock}.
     *
     * @return the clock given to the builder, or the kit's own; on a {@linkplain Builder#node node} that of the cluster
     */
    public Clock clock() {
        return cluster.<Clock>map(ref -> ref.cluster().clock()).orElse(clock);
    }

    /**
     * Waits until all caused work is done. Each frame, and each message to another channel, is handled; each handler, hook and
     * intercept has returned. Clients have received all messages and the changes of {@linkplain Builder#presence presences}.
     *
     * <p>This is exact for the work of the server. Your own virtual threads, including those of pub/sub subscribers, are
     * awaited while one of them runs, for a second at most. Sleeping threads, platform threads and timers are not detected:
     * wait for those yourself. On a {@linkplain Builder#node node} it includes the other nodes, as {@link ClusterKit#settle}
     * does.
     *
     * @throws AssertionError if work is left at the deadline; the message names the running handlers and their positions. Or if a
     *     message was sent that its channel or socket does not declare; the cause has the stack of its sender
     */
    public void settle() {
        checkOpen();
        settler.settle(this::topics);
        server.checkDeclared();
    }

    private Collection<String> topics() {
        Set<String> topics = new HashSet<>();
        clients.forEach(client -> topics.addAll(client.topics()));
        return topics;
    }

    /**
     * Checks that a channel has a handler for each event and call of clients. Without a handler, a server responds with {@code
     * unhandled_event}.
     *
     * @param channel the channel
     * @param protocol the class whose static fields of the types {@link Event} and {@link Call} declare the messages
     * @param fromServer those of its events that only the server sends
     * @throws AssertionError if a handler is missing or has another type; the message names all of them
     * @throws IllegalArgumentException if the class has no such fields, or they cannot be read since its package is not open
     */
    public static void expectHandled(Channel<?, ?> channel, Class<?> protocol, Event<?>... fromServer) {
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(fromServer, "fromServer");
        ProtocolCheck.of(channel, protocol, fromServer);
    }

    /**
     * Drops all clients, waits until the work that this causes is done, and stops all threads of the kit. Further calls have no
     * effect. Close your own presences and pub/sub afterwards.
     *
     * @throws AssertionError if a handler still runs at the deadline; it was interrupted, and the message names it. Or as for
     *     {@link #settle}, if a message was not declared
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            clients.forEach(TestClient::finish);
            settler.finish();
            server.checkDeclared();
        } finally {
            cluster.ifPresent(ref -> ref.cluster().servers().remove(ref.node(), server));
            clock.giveBack();
            tickSubscription.ifPresent(Subscription::close);
            server.close();
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The kit is closed.");
        }
    }

    /** Cuts the connections of all clients, because the node was killed; handlers that still run do not reach them. */
    private void killed(String node) {
        killed = true;
        clients.forEach(client -> client.killed(node));
    }

    private ConnectResult connect(TestConnect request) {
        checkOpen();
        ConnectResult result = server.connect(request, deadline, () -> new TestClient(forClients, now()));
        if (result instanceof ConnectResult.Open(var client)) {
            clients.add(client);
        }
        return result;
    }

    /** A client's request to connect. Not thread-safe. */
    public static final class Request {
        private final ChannelKit kit;
        private final Map<String, String> params = new HashMap<>();
        private final Map<String, String> headers = new HashMap<>();
        private final Map<String, String> cookies = new HashMap<>();
        private Optional<String> token = Optional.empty();
        private InetAddress address = InetAddress.ofLiteral("127.0.0.1");
        private Optional<String> scheme = Optional.of("http");
        private String path = "/socket/websocket";

        private Request(ChannelKit kit) {
            this.kit = kit;
        }

        /**
         * Adds parameters of the query.
         *
         * @param all values by name
         * @return this
         */
        public Request params(Map<String, String> all) {
            Objects.requireNonNull(all, "params");
            params.putAll(all);
            return this;
        }

        /**
         * Sets a header.
         *
         * @param name its name, in any case
         * @param value its value
         * @return this
         */
        public Request header(String name, String value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            headers.put(name.toLowerCase(Locale.ROOT), value);
            return this;
        }

        /**
         * Sets the token, as the option {@code authToken} of phoenix.js does.
         *
         * @param text the token
         * @return this
         */
        public Request authToken(String text) {
            Objects.requireNonNull(text, "authToken");
            token = Optional.of(text);
            return this;
        }

        /**
         * Sets a cookie.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Request cookie(String name, String value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            cookies.put(name, value);
            return this;
        }

        /**
         * Sets the address of the client.
         *
         * @param ip an IP address as text; 127.0.0.1 by default
         * @return this
         * @throws IllegalArgumentException if it is not an IP address
         */
        public Request remoteAddress(String ip) {
            Objects.requireNonNull(ip, "ip");
            address = InetAddress.ofLiteral(ip);
            return this;
        }

        /**
         * Sets the path.
         *
         * @param text the path; {@code /socket/websocket} by default
         * @return this
         */
        public Request path(String text) {
            Objects.requireNonNull(text, "path");
            path = text;
            return this;
        }

        /**
         * Sets the scheme.
         *
         * @param text {@code http} or {@code https}; {@code http} by default
         * @return this
         */
        public Request scheme(String text) {
            Objects.requireNonNull(text, "scheme");
            scheme = Optional.of(text);
            return this;
        }

        /**
         * Connects.
         *
         * @return the client
         * @throws AssertionError if the connect handler refuses it, takes too long, or throws: with what it threw as the cause
         */
        public TestClient connect() {
            return switch (kit.connect(testConnect())) {
                case ConnectResult.Open(var client) -> client;
                case ConnectResult.Refused(var outcome) ->
                    throw new AssertionError("Expected a client with the params " + params
                            + " to be accepted; it was refused with status " + outcome.status()
                            + (outcome.text().isEmpty() ? "" : " and the text '" + outcome.text() + "'")
                            + outcome.cause()
                                    .map(why -> ", because: " + why)
                                    .orElse("")
                                    .replaceFirst("\\.$", "") + ".");
                case ConnectResult.Failed(var cause) -> throw failed("accepted", cause);
            };
        }

        private AssertionError failed(String expected, Throwable cause) {
            return new AssertionError(
                    "Expected a client with the params " + params + " to be " + expected
                            + "; the connect handler threw " + cause + ", for which a server responds with status 500.",
                    cause);
        }

        /**
         * Connects and expects a refusal.
         *
         * @return the refusal; with status 503 after {@link ChannelKit#drain}
         * @throws AssertionError if the client is accepted, or the connect handler takes too long, or if it throws: with what
         *     it threw as the cause
         */
        public ConnectOutcome.Refused<?> refused() {
            return switch (kit.connect(testConnect())) {
                case ConnectResult.Refused(var outcome) -> outcome;
                case ConnectResult.Failed(var cause) -> throw failed("refused", cause);
                case ConnectResult.Open(var client) -> {
                    client.drop();
                    throw new AssertionError(
                            "Expected a client with the params " + params + " to be refused; it was accepted.");
                }
            };
        }

        private TestConnect testConnect() {
            return new TestConnect(path, lists(params), lists(headers), Map.copyOf(cookies), token, address, scheme);
        }

        private static Map<String, List<String>> lists(Map<String, String> values) {
            return values.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> List.of(entry.getValue())));
        }
    }

    /** Builds a kit. Not thread-safe. */
    public static final class Builder {
        private final UserSocket<?> socket;
        private final List<Presence<?>> presences = new ArrayList<>();
        private Limits limits = Limits.openInternet();
        private TopicLimits topicLimits = TopicLimits.DEFAULTS;
        private Optional<JsonMapper> json = Optional.empty();
        private Optional<PubSub> pubsub = Optional.empty();
        private Optional<NodeRef> cluster = Optional.empty();
        private Optional<TestClock> clock = Optional.empty();
        private Duration deadline = Duration.ofSeconds(5);

        private Builder(UserSocket<?> socket) {
            this.socket = socket;
        }

        /**
         * Sets the limits.
         *
         * @param bounds the limits; {@link Limits#openInternet()} by default
         * @return this
         */
        public Builder limits(Limits bounds) {
            Objects.requireNonNull(bounds, "bounds");
            this.limits = bounds;
            return this;
        }

        /** Sets the limits of histories that an endpoint has no setting for. */
        Builder topicLimits(TopicLimits bounds) {
            this.topicLimits = bounds;
            return this;
        }

        /**
         * Sets the JSON mapper of the server and the clients.
         *
         * @param mapper a mapper, which becomes as strict as that of an endpoint
         * @return this
         */
        public Builder json(JsonMapper mapper) {
            Objects.requireNonNull(mapper, "mapper");
            this.json = Optional.of(mapper);
            return this;
        }

        /**
         * Sets the pub/sub of broadcasts, which stays open when the kit is closed. By default the kit has its own and closes it.
         *
         * @param shared the pub/sub
         * @return this
         */
        public Builder pubsub(PubSub shared) {
            Objects.requireNonNull(shared, "shared");
            this.pubsub = Optional.of(shared);
            return this;
        }

        /**
         * Puts the server on a node of a cluster, with the node's pub/sub and clock. While a client waits for a reply or an
         * event, that clock advances as in {@link ClusterKit#await}. If the node is {@linkplain ClusterKit#crash killed}, the
         * clients lose their connections, and no client can connect: after {@link ClusterKit#restart} start another kit.
         *
         * @param kit the cluster, to be closed after this kit
         * @param name the name of the node
         * @return this
         * @throws IllegalArgumentException if the cluster has no node of this name
         */
        public Builder node(ClusterKit kit, String name) {
            Objects.requireNonNull(kit, "kit");
            Objects.requireNonNull(name, "name");
            this.pubsub = Optional.of(kit.node(name).pubsub());
            this.cluster = Optional.of(new NodeRef(kit, name, kit.time(name)));
            return this;
        }

        /**
         * Adds a presence over the same pub/sub. {@link ChannelKit#settle}, and the methods that wait like it, then wait until
         * clients have received its changes, which takes up to about 75 ms. The messages of topics that channels {@linkplain
         * Presence#follow(io.heliodor.presence.PresenceOwner, String, String) follow} are not awaited: expect them.
         *
         * @param presence the presence, to be closed after the kit
         * @return this
         */
        public Builder presence(Presence<?> presence) {
            Objects.requireNonNull(presence, "presence");
            this.presences.add(presence);
            return this;
        }

        /**
         * Sets the real time that a test waits for an expectation.
         *
         * @param time more than 0; 5 s by default
         * @return this
         * @throws IllegalArgumentException if it is not more than 0
         */
        public Builder deadline(Duration time) {
            Objects.requireNonNull(time, "time");
            if (!time.isPositive()) {
                throw new IllegalArgumentException("A deadline is more than 0, not " + time + ".");
            }
            this.deadline = time;
            return this;
        }

        /**
         * Sets the clock that the kit moves, for channels, tokens and services that are built with a clock before the kit. By
         * default the kit has its own; a server on a {@link #node node} has the clock of the cluster.
         *
         * @param shared the clock
         * @return this
         */
        public Builder clock(TestClock shared) {
            Objects.requireNonNull(shared, "shared");
            this.clock = Optional.of(shared);
            return this;
        }

        /**
         * Starts the kit.
         *
         * @return a kit without clients
         * @throws IllegalStateException if the clock belongs to an open kit, or if the kit has a clock and is on a node
         */
        public ChannelKit start() {
            if (clock.isPresent() && cluster.isPresent()) {
                throw new IllegalStateException("A kit on a node has the clock of its cluster: build the channels with"
                        + " ClusterKit.clock() and leave clock(...) out.");
            }
            TestClock own = clock.orElseGet(TestClock::create);
            own.take();
            boolean started = false;
            try {
                ChannelKit kit = new ChannelKit(this, own);
                cluster.ifPresent(
                        ref -> ref.cluster().servers().add(ref.node(), kit.server, () -> kit.killed(ref.node())));
                started = true;
                return kit;
            } finally {
                if (!started) {
                    own.giveBack();
                }
            }
        }
    }
}
