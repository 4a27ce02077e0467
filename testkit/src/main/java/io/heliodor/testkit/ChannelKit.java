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
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.testkit.KitServer.ConnectResult;
import io.heliodor.wire.PayloadCodec;
import java.math.BigDecimal;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * A socket without a network, for tests of its channels: clients connect, join, say and expect, over the code that a server
 * runs, in the memory of one JVM.
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
 * <p><b>What is real:</b> the connect handler, sessions, handlers on virtual threads, broadcasts, presence, histories,
 * limits, and frames of version 2.0.0 with payloads that the mapper writes and reads, both ways: a record that cannot be
 * written or read is found. A null that could not be read back is an {@link AssertionError} where a server logs a line.
 * <b>Not included:</b> HTTP, origins, TLS, long poll, version 1, compression, and the buffers of a network. Other nodes are there with a {@link ClusterKit}: see {@link Builder#node}.
 *
 * <p><b>The clock.</b> Limits, idle times, timeouts of handlers and the ages of histories go by a clock that stands still until it is turned by
 * {@link #advance}. Code of your own can have the same clock: see {@link TestClock}. What tests wait for takes real time, and
 * so do {@code Thread.sleep} and timers of your own.
 *
 * <p><b>Threads:</b> any thread may use a kit, but none that runs a handler. {@link #channels} and
 * {@link #pubsub} may be used by handlers too.
 */
public final class ChannelKit implements AutoCloseable {
    /** When its clock begins: not 0, so that no difference is taken for a moment. */
    private static final long BEGIN = Duration.ofDays(1).toNanos();

    /** How often a server looks at its clocks at the least, and the most steps of one turn of the clock. */
    private static final long LONGEST_STEP = Duration.ofSeconds(1).toNanos();

    private static final long SHORTEST_STEP = Duration.ofMillis(10).toNanos();
    private static final long MAX_STEPS = 10_000;

    private static final long CLUSTER_POLL_INTERVAL = 1_000_000;
    private static final long HEARTBEAT = Duration.ofSeconds(30).toNanos();

    private final Duration deadline;
    private final PayloadCodec codec;
    private final TestClock clock;
    private final long begin;
    private final Optional<NodeRef> cluster;
    private final Optional<Subscription> clockSubscription;
    private final KitServer server;
    private final KitSettler settler;
    private final List<TestClient> clients = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile long now;
    private volatile boolean killed;

    /** The node that the server is on. */
    private record NodeRef(ClusterKit cluster, String node) {}

    private ChannelKit(Builder builder, TestClock clock) {
        this.clock = clock;
        this.begin = BEGIN + clock.nanos();
        this.now = begin;
        this.deadline = builder.deadline;
        this.codec = builder.json.map(PayloadCodec::strict).orElseGet(PayloadCodec::strict);
        this.cluster = builder.cluster;
        this.server = new KitServer(
                builder.socket, builder.pubsub, codec, builder.limits, List.copyOf(builder.presences), () -> now);
        this.settler = new KitSettler(server, deadline);
        this.clockSubscription = cluster.map(_ -> Nodes.of(server.pubsub()).subscribe(new NodeClock()));
    }

    /** The clock of the node that the server is on. It stands still while the node is paused, or when it was killed. */
    private final class NodeClock implements Nodes.Listener {
        @Override
        public void joined(NodeId node) {}

        @Override
        public void reachable(NodeId node) {}

        @Override
        public void left(NodeId node) {}

        @Override
        public void tick(long nanos) {
            server.loop().execute(() -> pass(Math.max(now, nanos)));
        }
    }

    /**
     * Serves a socket with nothing special.
     *
     * @param socket what is served
     * @return the kit
     */
    public static ChannelKit start(UserSocket<?> socket) {
        return builder(socket).start();
    }

    /**
     * Begins to describe a kit.
     *
     * @param socket what is served
     * @return a builder with the defaults
     */
    public static Builder builder(UserSocket<?> socket) {
        return new Builder(socket);
    }

    /**
     * Connects a client that says nothing about itself.
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
     * @param params what its query says, by name
     * @return the client
     * @throws AssertionError if the connect handler refuses it, takes too long, or throws: with what it threw as the cause
     */
    public TestClient connect(Map<String, String> params) {
        return request().params(params).connect();
    }

    /**
     * Tries to connect.
     *
     * @param params what the query says, by name
     * @return the HTTP status that it was refused with; 503 after {@link ChannelKit#drain}
     * @throws AssertionError if the client is accepted, or the connect handler takes too long, or if it throws: with what it
     *     threw as the cause
     */
    public int connectRefused(Map<String, String> params) {
        return request().params(params).refused().status();
    }

    /**
     * A request to connect that says more than a query does.
     *
     * @return a request that says nothing yet
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
     * Reaches the members of topics and the connections of ids, as {@code Endpoint.channels} does.
     *
     * @return always the same
     */
    public Channels channels() {
        return server.hub();
    }

    /**
     * Takes no more connections and joins, and closes every connection with code 1001, as {@code Endpoint.drain} does; at
     * once, however many there are. Then brings kept messages to other nodes; on the pub/sub of a node of a
     * {@link ClusterKit} that may need its clock, which this kit turns only if it was built {@linkplain Builder#node for it}.
     */
    public void drain() {
        checkOpen();
        server.drain();
        cluster.map(NodeRef::cluster)
                .ifPresentOrElse(
                        kit -> kit.await(kit.async(Executors.callable(server.hub()::handOver))::isDone),
                        server.hub()::handOver);
    }

    /**
     * The pub/sub that carries broadcasts.
     *
     * @return the one given to the builder, or its own
     */
    public PubSub pubsub() {
        return server.pubsub();
    }

    /**
     * The counters and gauges, as of an endpoint.
     *
     * @return always the same; a number is read when its value is
     */
    public Metrics metrics() {
        return server.hub().metrics();
    }

    /**
     * Turns the clock, in steps: at each one clients send the heartbeats that are due, and the server looks at its clocks.
     * What was caused before is done before, and what it causes is done when it returns; a handler that blocks is not
     * waited for.
     *
     * @param by how far, 0 or more
     * @throws IllegalArgumentException if that is negative
     * @throws IllegalStateException if the server is on a {@linkplain Builder#node node}, whose clock it has
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("The clock is turned forward, not by " + by + ".");
        }
        checkOpen();
        if (cluster.isPresent()) {
            throw new IllegalStateException(
                    "The clock of a kit on a node is that of its cluster: turn it by advance of the ClusterKit.");
        }
        settler.awaitIdle();
        long until = now + by.toNanos();
        long step = Math.max(step(server.hub().sessionLimits()), by.toNanos() / MAX_STEPS);
        while (now < until) {
            long next = Math.min(until, now + step);
            server.loop().perform(() -> pass(next));
        }
        settler.awaitIdle();
    }

    /** On the loop. */
    private void pass(long next) {
        now = next;
        clock.moveTo(next - BEGIN);
        long interval =
                Math.min(HEARTBEAT, server.hub().sessionLimits().idleTimeout().toNanos() / 2);
        clients.forEach(client -> client.sendHeartbeatIfDue(next, interval));
        // Behind what the heartbeats have caused.
        server.loop().execute(() -> server.sweep(next));
    }

    /** As often as a server does. */
    private static long step(SessionLimits limits) {
        long shortest = Math.min(
                limits.idleTimeout().toNanos(),
                Math.min(
                        limits.stallTimeout().toNanos(), limits.mailboxTimeout().toNanos()));
        return Math.clamp(shortest / 4, SHORTEST_STEP, LONGEST_STEP);
    }

    /**
     * How far the clock was turned since the kit was started.
     *
     * @return 0 or more
     */
    public Duration elapsed() {
        return Duration.ofNanos(now - begin);
    }

    /**
     * The clock as a date, for code of the test. Channels that need it are built with a {@link TestClock} before the kit.
     *
     * @return the clock given to the builder, or the kit's own; on a {@linkplain Builder#node node} that of the cluster
     */
    public Clock clock() {
        return cluster.<Clock>map(ref -> ref.cluster().clock()).orElse(clock);
    }

    /**
     * Waits until all that was caused is done: each frame is handled, each handler, hook and intercept has returned, what
     * they told other channels is handled too, everything said has reached its clients, and what
     * {@linkplain Builder#presence presences} did has been told.
     *
     * <p>That is exact for all of these. Virtual threads of your own, subscribers of the pub/sub among them, are waited for
     * as long as one of them runs, for a second at the most; a thread that sleeps, a platform thread or a timer is not known
     * here: wait for those yourself.
     *
     * @throws AssertionError if it is not so when the deadline is over; it says which handlers still run, and where
     */
    public void settle() {
        checkOpen();
        settler.settle(this::topics);
    }

    private Collection<String> topics() {
        Set<String> topics = new HashSet<>();
        clients.forEach(client -> topics.addAll(client.topics()));
        return topics;
    }

    /** How long a client waits before it looks again, in nanoseconds: until there is something, or for a turn of the cluster's clock. */
    long pollInterval() {
        return cluster.isPresent() ? CLUSTER_POLL_INTERVAL : Long.MAX_VALUE;
    }

    /** Turns the clock of the cluster to what is due next. */
    void turn() {
        cluster.ifPresent(ref -> ref.cluster().turn());
    }

    /**
     * Sees to it that a channel handles whatever a client may say. An event or a call without a handler would be answered
     * {@code unhandled_event}, in production at the latest.
     *
     * @param channel the channel
     * @param protocol the class whose static fields of the types {@link Event} and {@link Call} say what may be said
     * @param fromServer those of its events that only the server says
     * @throws AssertionError if one has no handler, or one of another type; it names all of those
     * @throws IllegalArgumentException if the class has no such fields, or they cannot be read since its package is not open
     */
    public static void expectHandled(Channel<?, ?> channel, Class<?> protocol, Event<?>... fromServer) {
        ProtocolCheck.of(channel, protocol, fromServer);
    }

    /**
     * Drops all clients, waits until what that causes is done, and ends the kit: no thread of it lives on. Closing again
     * does nothing. Close presences and a pub/sub of your own behind it.
     *
     * @throws AssertionError if a handler still runs when the deadline is over; it is named, and was interrupted
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            clients.forEach(TestClient::finish);
            settler.finish();
        } finally {
            cluster.ifPresent(ref -> ref.cluster().left(ref.node(), this));
            clock.giveBack();
            clockSubscription.ifPresent(Subscription::close);
            server.close();
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The kit is closed.");
        }
    }

    /** The node was killed: the clients lose their connections, and see nothing of the handlers that still run. */
    void killed(String node) {
        killed = true;
        clients.forEach(client -> client.killed(node));
    }

    PayloadCodec codec() {
        return codec;
    }

    Duration deadline() {
        return deadline;
    }

    KitServer server() {
        return server;
    }

    KitSettler settler() {
        return settler;
    }

    private ConnectResult connect(TestConnect request) {
        checkOpen();
        ConnectResult result = server.connect(request, deadline, () -> new TestClient(this, now));
        if (result instanceof ConnectResult.Open(var client)) {
            clients.add(client);
        }
        return result;
    }

    /** For people: {@code 5 s}. */
    static String text(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    /** A client's request to connect. Not for several threads at once. */
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
         * Says something in the query.
         *
         * @param all values by name
         * @return this
         */
        public Request params(Map<String, String> all) {
            params.putAll(all);
            return this;
        }

        /**
         * Says something in a header.
         *
         * @param name its name, in any case
         * @param value its value
         * @return this
         */
        public Request header(String name, String value) {
            headers.put(name.toLowerCase(Locale.ROOT), value);
            return this;
        }

        /**
         * Sends a token, as phoenix.js does for its option {@code authToken}.
         *
         * @param text the token
         * @return this
         */
        public Request authToken(String text) {
            token = Optional.of(text);
            return this;
        }

        /**
         * Sends a cookie.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Request cookie(String name, String value) {
            cookies.put(name, value);
            return this;
        }

        /**
         * Comes from an address.
         *
         * @param ip an IP address as text; 127.0.0.1 by default
         * @return this
         * @throws IllegalArgumentException if it is not an IP address
         */
        public Request remoteAddress(String ip) {
            address = InetAddress.ofLiteral(ip);
            return this;
        }

        /**
         * Asks for a path.
         *
         * @param text the path; {@code /socket/websocket} by default
         * @return this
         */
        public Request path(String text) {
            path = text;
            return this;
        }

        /**
         * Asks over a scheme.
         *
         * @param text {@code http} or {@code https}; {@code http} by default
         * @return this
         */
        public Request scheme(String text) {
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
                            + " to be accepted; it was refused with status " + outcome.status() + ".");
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
         * Tries to connect.
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

    /** Describes a kit before it is started. Not for several threads at once. */
    public static final class Builder {
        private final UserSocket<?> socket;
        private final List<Presence<?>> presences = new ArrayList<>();
        private Limits limits = Limits.openInternet();
        private Optional<JsonMapper> json = Optional.empty();
        private Optional<PubSub> pubsub = Optional.empty();
        private Optional<NodeRef> cluster = Optional.empty();
        private Optional<TestClock> clock = Optional.empty();
        private Duration deadline = Duration.ofSeconds(5);

        private Builder(UserSocket<?> socket) {
            this.socket = socket;
        }

        /**
         * The bounds.
         *
         * @param bounds {@link Limits#openInternet()} by default
         * @return this
         */
        public Builder limits(Limits bounds) {
            this.limits = bounds;
            return this;
        }

        /**
         * How payloads are read and written, by the server and by the clients.
         *
         * @param mapper made strict, as that of an endpoint is
         * @return this
         */
        public Builder json(JsonMapper mapper) {
            this.json = Optional.of(mapper);
            return this;
        }

        /**
         * The pub/sub that carries broadcasts.
         *
         * @param shared one of its own if nothing is said, which it closes; one that is given stays open
         * @return this
         */
        public Builder pubsub(PubSub shared) {
            this.pubsub = Optional.of(shared);
            return this;
        }

        /**
         * A server on a node of a cluster, whose pub/sub and clock it has. While a client waits, for the answer to a join or for
         * what it expects, that clock is turned, as by {@link ClusterKit#await}. If the node is {@linkplain ClusterKit#crash
         * killed}, the clients lose their connections, and no client connects any more: after {@link ClusterKit#restart} start
         * another kit.
         *
         * @param kit the cluster, to be closed behind this kit
         * @param name the name of the node
         * @return this
         * @throws IllegalArgumentException if the cluster has no node of this name
         */
        public Builder node(ClusterKit kit, String name) {
            this.pubsub = Optional.of(kit.node(name).pubsub());
            this.cluster = Optional.of(new NodeRef(kit, name));
            return this;
        }

        /**
         * A presence over the same pub/sub. {@link ChannelKit#settle}, and what waits like it, then waits until clients have
         * been told what it did, which takes up to 75 ms or so.
         *
         * @param presence the presence, to be closed behind the kit
         * @return this
         */
        public Builder presence(Presence<?> presence) {
            this.presences.add(presence);
            return this;
        }

        /**
         * How long, by the machine's own clock, a test waits for what it expects.
         *
         * @param time 5 s if nothing is said
         * @return this
         * @throws IllegalArgumentException if it is not more than 0
         */
        public Builder deadline(Duration time) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("A deadline is more than 0, not " + time + ".");
            }
            this.deadline = time;
            return this;
        }

        /**
         * The clock that the kit moves, for code that had to be built with a clock before: channels, tokens, services.
         *
         * @param shared one of its own if nothing is given. A server on a {@link #node node} has the clock of the cluster
         * @return this
         */
        public Builder clock(TestClock shared) {
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
                cluster.ifPresent(ref -> ref.cluster().serves(ref.node(), kit));
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
