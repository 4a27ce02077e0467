package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A server in memory whose clock the test controls. At its end all clients drop, and it checks that nothing is left
 * of them: no session, no channel, no topic, no id, no buffer, no message that the test did not expect; and after
 * their time, no history.
 */
final class TestServer implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration LONGEST_HISTORY = Duration.ofMinutes(10);

    final PubSub pubsub;
    final Hub hub;
    private final AtomicLong clock = new AtomicLong(1);
    private final List<TestLoop> loops;
    private final List<LaneSessions> lanes;
    private final V2Serializer serializer = new V2Serializer();
    private final UserSocket.Builder<Object> socket = UserSocket.connect(connect -> Connect.ok(Empty.EMPTY));
    private final List<Client> clients = new ArrayList<>();
    private final List<Gate> gates = new ArrayList<>();
    private ChannelRoutes<Object> routes;

    /** One lane, driven by hand. */
    TestServer() {
        this(Limits.openInternet());
    }

    /** One lane, driven by hand, with other limits. */
    TestServer(Limits limits) {
        this(limits, List.of(TestLoop.byHand()));
    }

    TestServer(Limits limits, List<TestLoop> loops) {
        this(limits, loops, PubSub.local());
    }

    /** One lane, driven by hand, on a pub/sub that others use too; it is closed with the first of them. */
    TestServer(PubSub shared) {
        this(Limits.openInternet(), List.of(TestLoop.byHand()), shared);
    }

    /** One lane, driven by hand, with other limits of topics. */
    TestServer(TopicLimits topics) {
        this(Limits.openInternet(), List.of(TestLoop.byHand()), PubSub.local(), topics);
    }

    private TestServer(Limits limits, List<TestLoop> loops, PubSub pubsub) {
        this(limits, loops, pubsub, TopicLimits.DEFAULTS);
    }

    /** One lane, driven by hand, with other limits of calls that are executed once. */
    TestServer(OnceLimits once) {
        this(Limits.openInternet(), List.of(TestLoop.byHand()), PubSub.local(), TopicLimits.DEFAULTS, once);
    }

    private TestServer(Limits limits, List<TestLoop> loops, PubSub pubsub, TopicLimits topics) {
        this(limits, loops, pubsub, topics, OnceLimits.DEFAULTS);
    }

    private TestServer(Limits limits, List<TestLoop> loops, PubSub pubsub, TopicLimits topics, OnceLimits once) {
        this.pubsub = pubsub;
        RecordedLog.clear();
        this.hub = new Hub(
                pubsub,
                PayloadCodec.strict(),
                limits,
                topics,
                once,
                clock::get,
                () -> Instant.EPOCH.plusNanos(clock.get()));
        this.loops = loops;
        this.lanes = loops.stream()
                .map(loop -> new LaneSessions(loop, hub.counters(), new LoadShedder(hub.memory(), () -> 0)))
                .toList();
    }

    /** The first lane, or the only one. */
    LaneSessions lane() {
        return lanes.getFirst();
    }

    /** Adds a channel for topics; before the first client connects. */
    TestServer serve(String pattern, Channel<Object, ?> channel) {
        socket.channel(pattern, channel);
        return this;
    }

    /** Sets the handler of fresh tokens; before the first client connects. */
    TestServer refresh(RefreshHandler<Object> handler) {
        socket.onRefresh(handler);
        return this;
    }

    Client connect() {
        return connect(Empty.EMPTY, Optional.empty(), 0);
    }

    Client connectAs(String id) {
        return connect(Empty.EMPTY, Optional.of(id), 0);
    }

    Client connectTo(int lane) {
        return connect(Empty.EMPTY, Optional.empty(), lane);
    }

    Client connect(Object assigns, Optional<String> id, int lane) {
        return connect(routes(), assigns, id, lane);
    }

    /** The routes of the socket, which the endpoint serves from the first client on. */
    private ChannelRoutes<Object> routes() {
        if (routes == null) {
            routes = Hub.routes(socket.build());
            hub.serve(routes);
        }
        return routes;
    }

    /** Connects a client of another socket on the same endpoint. */
    Client connectTo(UserSocket<Object> other) {
        return connectTo(other, serializer);
    }

    /** Connects a client of another socket on the same endpoint, with another version of the wire than 2.0.0. */
    Client connectTo(UserSocket<Object> other, Serializer version) {
        return connect(Hub.routes(other), version, Empty.EMPTY, Optional.empty(), 0);
    }

    /** A client that was accepted for a time. */
    Client connectFor(Duration time) {
        return connect(Connect.<Object>ok(Empty.EMPTY).validFor(time), session -> {});
    }

    /** A client with the trace of its request. */
    Client connectTraced(Correlation.Trace trace) {
        return connect(Connect.ok(Empty.EMPTY), session -> session.continueTrace(trace));
    }

    private Client connect(ConnectOutcome.Accepted<Object> accepted, Consumer<Session<Object>> prepare) {
        Client client = new Client(this, loop());
        Session<Object> session = hub.session(
                lanes.getFirst(),
                client,
                Hub.routes(socket.build()),
                serializer,
                accepted,
                hub.accept(),
                Optional.empty());
        prepare.accept(session);
        client.open(session);
        clients.add(client);
        return client;
    }

    /** A client that is refused after its upgrade. */
    Client connectRefused(ConnectOutcome.Refused<?> refused) {
        Client client = new Client(this, loop());
        client.open(hub.refusedSession(lanes.getFirst(), client, serializer, refused, hub.accept(), Optional.empty()));
        clients.add(client);
        return client;
    }

    /** A client that opens now, and whose acceptance began earlier. */
    Client connectAs(String id, Acceptance acceptance) {
        Client client = new Client(this, loop());
        client.open(hub.session(
                lanes.getFirst(),
                client,
                Hub.routes(socket.build()),
                serializer,
                Connect.<Object>ok(Empty.EMPTY, id),
                acceptance,
                Optional.empty()));
        clients.add(client);
        return client;
    }

    /** Connects a client with another version of the wire than 2.0.0. */
    Client connect(Serializer version) {
        return connect(routes(), version, Empty.EMPTY, Optional.empty(), 0);
    }

    private Client connect(ChannelRoutes<Object> to, Object assigns, Optional<String> id, int lane) {
        return connect(to, serializer, assigns, id, lane);
    }

    private Client connect(
            ChannelRoutes<Object> to, Serializer version, Object assigns, Optional<String> id, int lane) {
        Client client = new Client(this, loops.get(lane));
        ConnectOutcome.Accepted<Object> accepted =
                id.map(of -> Connect.ok(assigns, of)).orElseGet(() -> Connect.ok(assigns));
        client.open(hub.session(lanes.get(lane), client, to, version, accepted, hub.accept(), Optional.empty()));
        clients.add(client);
        return client;
    }

    TestLoop loop() {
        return loops.getFirst();
    }

    /** Returns a gate that is open when the test ends. */
    Gate gate() {
        Gate gate = new Gate();
        gates.add(gate);
        return gate;
    }

    /** Moves the clock in one step, and sweeps. */
    void passes(Duration time) {
        settle();
        clock.addAndGet(time.toNanos());
        sweep();
    }

    /** Moves the clock without a sweep, as if the process was stopped. */
    void pausesFor(Duration time) {
        settle();
        clock.addAndGet(time.toNanos());
    }

    /** Checks the timeouts of the hub and of all lanes. */
    void sweep() {
        hub.sweep(clock.get());
        for (int i = 0; i < lanes.size(); i++) {
            LaneSessions lane = lanes.get(i);
            loops.get(i).perform(() -> lane.sweep(clock.get()));
        }
    }

    long count(Counter count) {
        return hub.counters().get(count);
    }

    void await(BooleanSupplier condition, Supplier<String> what) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > DEADLINE.toNanos()) {
                throw new AssertionError("Not within " + DEADLINE + ": " + what.get());
            }
            loops.forEach(TestLoop::step);
        }
    }

    void awaitCount(Counter count, long expected) {
        await(
                () -> count(count) == expected,
                () -> count + " = " + expected + ", "
                        + hub.channels().inspection().metrics());
    }

    void awaitReached(Gate gate) {
        await(gate::reached, () -> "a handler reaches its gate");
    }

    /** Runs queued tasks until none is left. Handlers may still run. */
    void settle() {
        await(() -> loops.stream().allMatch(TestLoop::idle), () -> "loops without work");
    }

    @Override
    public void close() {
        gates.forEach(Gate::open);
        settle();
        clients.forEach(Client::drops);
        await(
                this::isEmpty,
                () -> "an empty server, " + hub.channels().inspection().metrics() + ", " + hub.topics() + " topics, "
                        + sessions()
                        + " sessions, " + runningChannels() + " unfinished channels, " + buffers() + " buffers, "
                        + hub.memory().used() + " bytes");
        assertThat(hub.registry().ids()).isEmpty();
        assertThat(hub.keptTopics().histories().bytes())
                .as("bytes of histories")
                .isZero();
        hub.close();
        pubsub.close();
        loops.forEach(TestLoop::close);
        clients.forEach(Client::checkNothingIsLeft);
    }

    private boolean isEmpty() {
        hub.sweep(clock.addAndGet(LONGEST_HISTORY.toNanos()));
        return count(Counter.CONNECTIONS) == 0
                && sessions() == 0
                && count(Counter.CHANNELS) == 0
                && count(Counter.MAILBOX_MESSAGES) == 0
                && hub.topics() == 0
                && runningChannels() == 0
                && buffers() == 0
                && hub.memory().used() == hub.memory().replicated();
    }

    private int sessions() {
        var sessions = new AtomicInteger();
        for (int i = 0; i < lanes.size(); i++) {
            LaneSessions lane = lanes.get(i);
            loops.get(i).perform(() -> lane.forEach(session -> sessions.incrementAndGet()));
        }
        return sessions.get();
    }

    private int runningChannels() {
        return clients.stream()
                .mapToInt(client -> client.session().table().running())
                .sum();
    }

    private int buffers() {
        return loops.stream().mapToInt(TestLoop::buffers).sum();
    }
}
