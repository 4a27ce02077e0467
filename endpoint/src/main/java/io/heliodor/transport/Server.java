package io.heliodor.transport;

import io.heliodor.limit.SessionLimits;
import io.heliodor.log.BoundedLog;
import io.heliodor.observe.AuditEvent;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Session;
import io.heliodor.session.lane.LoopHandlers;
import io.heliodor.session.lane.LoopWatch;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.frame.CloseFrames;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.handshake.Admission;
import io.heliodor.transport.http.BrowserModule;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.HealthResponse;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.HttpContext;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.AcceptPause;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.LoopWatchdog;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.transport.io.ReadBuffers;
import io.heliodor.transport.longpoll.LongPoll;
import io.heliodor.transport.tls.Certificates;
import io.heliodor.transport.tls.ServerTls;
import io.heliodor.type.text.EscapedException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bound port with its event loops and their lanes. */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final int BACKLOG = 4_096;

    private static final Duration HISTORIES_PERIOD = Duration.ofSeconds(1);

    private final Settings settings;
    private final EventLoopGroup loops;
    private final IdentityHashMap<EventLoop, LaneSessions> lanes = new IdentityHashMap<>();
    private final List<OpenConnections> connections;
    private final Channel port;

    /** The port of texts and details of health, if they have one of their own. */
    private final Optional<Channel> managementPort;

    private final LongPoll longPoll;
    private final HttpContext http;
    private final List<PeriodicTask> sweepers = new ArrayList<>(2);
    private final LoopWatchdog watchdog;
    private final LoopWatch loopWatch;

    private Server(Settings settings) throws IOException {
        this.settings = settings;
        Hub hub = settings.hub();
        this.longPoll = new LongPoll(hub, settings.polls().within(hub.memory().limit()));
        HealthResponse health = new HealthResponse(hub, settings.readiness(), Instant.now());
        boolean managed = settings.management().isPresent();
        BoundedLog faults = new BoundedLog(LOG, "faults of the server", System::nanoTime);
        Admission admission = new Admission(hub, settings.origins());
        BrowserModule module = new BrowserModule();
        this.http = new HttpContext(
                hub,
                new ConnectionPermits(hub.limits().connections()),
                settings.proxies(),
                settings.hosts(),
                settings.tls().isPresent(),
                faults,
                new Router(
                        managed
                                ? settings.mounts()
                                : Stream.concat(settings.mounts().stream(), settings.managementMounts().stream())
                                        .toList(),
                        managed ? Map.of() : settings.texts(),
                        settings.files(),
                        admission,
                        longPoll,
                        module,
                        health,
                        !managed));
        HttpContext management = new HttpContext(
                hub,
                new ConnectionPermits(hub.limits().connections()),
                TrustedProxies.of(List.of()),
                settings.managementHosts(),
                false,
                faults,
                new Router(
                        settings.managementMounts(),
                        settings.texts(),
                        List.of(),
                        admission,
                        longPoll,
                        module,
                        health,
                        true));
        DirectMemory direct = settings.memory();
        this.loops = new MultiThreadIoEventLoopGroup(
                settings.loops(),
                new DefaultThreadFactory("heliodor-loop"),
                settings.io().handler());
        Optional<LoopHandlers> loopHandlers = LoopHandlers.find(System::nanoTime);
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            Optional<Compression> compression = settings.compression()
                    ? Optional.of(Compression.of(loop, NettyLoop.afterTasks(loop)))
                    : Optional.empty();
            LoadShedder loadShedder = new LoadShedder(settings.hub().memory(), direct::excess);
            LaneSessions lane = new LaneSessions(
                    new NettyLoop(loop, direct.allocator(), compression),
                    settings.hub().counters(),
                    loadShedder,
                    loopHandlers);
            lanes.put(loop, lane);
            long period = sweepPeriod(settings.hub().sessionLimits());
            loop.scheduleAtFixedRate(() -> sweep(lane), period, period, TimeUnit.NANOSECONDS);
        }
        this.loopWatch =
                new LoopWatch(lanes.values().stream().map(LaneSessions::lane).toList(), System::nanoTime);
        CloseFrames.preallocate();
        if (!direct.failsFast()) {
            LOG.warn(
                    "The JVM allocates the buffers of Netty. At -XX:MaxDirectMemorySize it stops event loops to collect garbage;"
                            + " start it with --add-opens java.base/java.nio=ALL-UNNAMED -Dio.netty.tryReflectionSetAccessible=true, or"
                            + " without --sun-misc-unsafe-memory-access=allow.");
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(settings.io().channel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, direct.allocator());
        OpenConnections clients = new OpenConnections(hub.memory(), ConnectionAcceptor.heldBytes(http));
        OpenConnections managing = new OpenConnections(hub.memory(), ConnectionAcceptor.heldBytes(management));
        this.connections = List.of(clients, managing);
        try {
            this.port = bind(bootstrap, new Initializer(http, clients, false), settings.address());
            this.managementPort = managed
                    ? Optional.of(bind(
                            bootstrap,
                            new Initializer(management, managing, true),
                            settings.management().get()))
                    : Optional.empty();
        } catch (IOException e) {
            stopLoops();
            throw e;
        }
        this.watchdog = LoopWatchdog.start(lanes.keySet(), settings.hub().counters());
        loopHandlers.ifPresent(_ -> loopWatch.start());
        sweepers.add(PeriodicTask.start(
                "histories", HISTORIES_PERIOD, () -> settings.hub().sweep(System.nanoTime())));
        settings.tls()
                .map(ServerTls::certificates)
                .ifPresent(certificates -> sweepers.add(
                        PeriodicTask.start("certificates", certificates.reloadInterval(), () -> reload(certificates))));
    }

    private Channel bind(ServerBootstrap bootstrap, Initializer initializer, Settings.Address address)
            throws IOException {
        try {
            return bootstrap
                    .clone()
                    .handler(new AcceptPause(settings.hub().counters()))
                    .childHandler(initializer)
                    .bind(address.host(), address.port())
                    .sync()
                    .channel();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while binding", e);
        } catch (Exception e) {
            throw problem(e, address);
        }
    }

    private static IOException problem(Exception e, Settings.Address address) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Address already in use")) {
            return new AddressInUse(address.host(), address.port(), e);
        }
        boolean unknown = e instanceof UnresolvedAddressException || e instanceof UnknownHostException;
        return new IOException("cannot listen on " + address + ": " + (unknown ? "there is no such host" : message), e);
    }

    /**
     * Binds the port and serves.
     *
     * @param settings the settings
     * @return the running server
     * @throws UncheckedIOException if a port cannot be bound; its cause is {@link AddressInUse} if it is in use
     */
    public static Server start(Settings settings) {
        try {
            return new Server(settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Initializer extends ChannelInitializer<Channel> {
        private final HttpContext context;
        private final OpenConnections open;
        private final boolean management;

        Initializer(HttpContext context, OpenConnections open, boolean management) {
            this.context = context;
            this.open = open;
            this.management = management;
        }

        @Override
        protected void initChannel(Channel channel) {
            LaneSessions lane = lanes.get(channel.eventLoop());
            if (lane == null) {
                throw new AssertionError("a connection on a loop without a lane");
            }
            ReadBuffers.allocate(channel, settings.io());
            new ConnectionAcceptor(settings, context, open, management, lane, channel).open();
        }
    }

    /** The period of sweeps: a fourth of the shortest timeout, within limits. */
    private static long sweepPeriod(SessionLimits limits) {
        long shortest = Math.min(
                limits.idleTimeout().toNanos(),
                Math.min(
                        limits.stallTimeout().toNanos(), limits.mailboxTimeout().toNanos()));
        return Math.clamp(shortest / 4, TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(1));
    }

    /** Sweeps a lane. An exception must not reach the timer, which it would end. */
    private static void sweep(LaneSessions lane) {
        try {
            lane.sweep(System.nanoTime());
        } catch (Throwable e) {
            LOG.error("The timeouts of some connections were not checked", EscapedException.of(e));
        }
    }

    private void reload(Certificates certificates) {
        if (!certificates.reloadIfChanged()) {
            settings.hub().counters().increment(Counter.CERTIFICATES_FAILED);
        }
    }

    /**
     * The port that is bound.
     *
     * @return its number
     */
    public int port() {
        return ((InetSocketAddress) port.localAddress()).getPort();
    }

    /**
     * The port of texts and details of health.
     *
     * @return its number, if they have one of their own
     */
    public Optional<Integer> managementPort() {
        return managementPort.map(bound -> ((InetSocketAddress) bound.localAddress()).getPort());
    }

    /**
     * The number of addresses that have connections or unfinished handshakes.
     *
     * @return 0 if no client is connected
     */
    public int addresses() {
        return http.permits().addressCount();
    }

    /**
     * Refuses further connections and joins, and closes the open connections with code 1001. Up to 100 are closed together,
     * more are spread over the window, so that the clients do not reconnect all at once. A connection is read until its turn,
     * and closed when its messages are handled and replied. Their presences end at the beginning. When the leave hooks have
     * run, the histories move to other nodes. Blocks until then, at most 20 s longer than the window.
     *
     * @param window the time over which the turns of the connections are spread
     */
    public void drain(Duration window) {
        long connections = settings.hub().counters().get(Counter.CONNECTIONS);
        if (settings.hub().drain()) {
            settings.hub()
                    .observers()
                    .audit()
                    .write(AuditEvent.DRAIN, fields -> fields.with("connections", Long.toString(connections)));
        }
        List<CompletableFuture<Void>> drained = new ArrayList<>(lanes.size());
        lanes.forEach((loop, lane) -> drained.add(drain(loop, lane, connections, window)));
        await(
                CompletableFuture.allOf(drained.toArray(CompletableFuture[]::new)),
                settings.stop().drain(window));
        // Last: the hand-over includes the messages of the last clients and of leave hooks, and reconnected clients
        // request them here until then.
        settings.hub().handOver();
    }

    /** Drains the connections of one loop. The result completes when they are closed, or when the loop has ended. */
    private CompletableFuture<Void> drain(EventLoop loop, LaneSessions lane, long connections, Duration window) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        // A close on another thread ends the loop, and so does a fault in it; the steps that are due never run then.
        loop.terminationFuture().addListener(_ -> done.complete(null));
        try {
            loop.execute(() -> {
                Queue<Session<?>> sessions = new ArrayDeque<>();
                lane.forEach(session -> {
                    session.closing().markUnreachable();
                    sessions.add(session);
                });
                new Drain<Session<?>>(
                                loop,
                                sessions,
                                connections,
                                window,
                                settings.stop().handlers(),
                                session -> session.closing().isOver(),
                                session -> session.closing().drain(),
                                session -> session.closing().endDrain(),
                                lane::hasEndingChannels,
                                () -> done.complete(null))
                        .step();
            });
        } catch (RejectedExecutionException e) {
            done.complete(null); // the loop has ended: no session of it can be drained, and the others are
        }
        return done;
    }

    private static void await(CompletableFuture<?> drained, Duration timeout) {
        try {
            drained.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("The drain did not end within {}", timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new AssertionError("the drain of a loop does not fail", e);
        }
    }

    /**
     * Closes the ports and the open connections, and stops the loops. Blocks for nine and a half seconds at most, also if a
     * loop hangs or has ended: a second for each of two periodic tasks and two ports, and then the {@link StopTimeouts} for
     * clients, connections and loops.
     */
    @Override
    public void close() {
        sweepers.forEach(PeriodicTask::close);
        try {
            closeChannels();
        } finally {
            watchdog.expectEnd();
            stopLoops();
            watchdog.close();
            loopWatch.close();
        }
    }

    private void closeChannels() {
        StopTimeouts timeouts = settings.stop();
        await(port.close(), timeouts.port());
        managementPort.ifPresent(bound -> await(bound.close(), timeouts.port()));
        longPoll.close();
        connections.forEach(each -> each.forEach(Server::announceStop));
        awaitClosed(timeouts.clients());
        connections.forEach(each -> each.forEach(Channel::close));
        awaitClosed(timeouts.connections());
    }

    /** Waits for the connections of all ports together. */
    private void awaitClosed(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        connections.forEach(each -> each.awaitClosed(deadline));
    }

    private static void announceStop(Channel channel) {
        try {
            channel.pipeline().fireUserEventTriggered(HttpConnection.STOPPING);
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loop of a connection has ended.", e);
        }
    }

    private void stopLoops() {
        StopTimeouts timeouts = settings.stop();
        await(loops.shutdownGracefully(0, timeouts.tasks().toMillis(), TimeUnit.MILLISECONDS), timeouts.loops());
    }

    private static void await(Future<?> step, Duration timeout) {
        step.awaitUninterruptibly(timeout.toMillis());
    }
}
