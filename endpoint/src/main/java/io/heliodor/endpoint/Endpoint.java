package io.heliodor.endpoint;

import io.heliodor.channel.Channels;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Metrics;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.PubSubEnd;
import io.heliodor.session.Hub;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.transport.Server;
import io.heliodor.transport.Settings;
import io.heliodor.transport.StopTimeouts;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.http.Readiness;
import io.heliodor.transport.http.ServedHosts;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.wire.PayloadCodec;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server with sockets, static files and {@code /health} on one port.
 *
 * {@snippet lang="java" :
 * try (Endpoint endpoint = Endpoint.builder().port(4000).socket("/socket", socket).build().start()) {
 *     endpoint.channels().broadcast("room:lobby", NOTICE, new Notice("maintenance at noon"));
 * }
 * }
 *
 * <p>A socket mounted at {@code /socket} answers WebSocket clients of the Phoenix protocol, versions 1.0.0 and
 * 2.0.0, at {@code /socket/websocket}, and long-polling clients at {@code /socket/longpoll}; phoenix.js appends these
 * suffixes itself. {@code /socket/heliodor.mjs} is the JavaScript module for pages that get missed messages from a history, in the
 * version of the server; pages of the origins that may connect can import it.
 *
 * <p>An endpoint is built, started once and closed once. Before its start it has no thread and no port, but {@link
 * Channels#over} finds it: a program that only publishes, such as a worker of a cluster, builds an endpoint with the sockets of the nodes
 * that clients connect to, and does not start it. The sockets declare which events are kept in a {@code History}. Its close
 * brings the kept messages that no other node has to one that keeps them.
 *
 * <p>Any thread may use an endpoint.
 */
public final class Endpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.endpoint");
    private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");
    private static final Duration DRAIN = Duration.ofSeconds(2);

    /** The window of a drain that an operator begins: the server need not stop soon. */
    private static final Duration OPERATED_DRAIN = Duration.ofSeconds(5);

    private final Settings settings;
    private final PubSub pubsub;
    private final boolean ownsPubSub;
    private final Metrics metrics;

    /** Held during start and close, so that a concurrent close finds the server or prevents its start. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable Server server;
    private volatile @Nullable Subscription pubsubEnd;

    /** Until the start, which has a thread of its own for it. */
    private final Subscription sweeps;

    private volatile boolean closed;

    private Endpoint(Settings settings, PubSub pubsub, boolean ownsPubSub) {
        this.settings = settings;
        this.pubsub = pubsub;
        this.ownsPubSub = ownsPubSub;
        this.sweeps = ClusterPubSub.nodesOf(pubsub).subscribe(new Sweeps(settings.hub()));
        this.metrics = new Metrics(Stream.concat(
                        settings.hub().channels().inspection().metrics().all().stream(),
                        settings.memory().metrics().stream())
                .toList());
    }

    /** Sweeps the histories of an endpoint that publishes only, by the ticks of its node: each ends with its age. */
    private static final class Sweeps implements Nodes.Listener {
        private static final long PERIOD = Duration.ofSeconds(1).toNanos();

        private final Hub hub;
        private final AtomicBoolean running = new AtomicBoolean();
        private long last;

        Sweeps(Hub hub) {
            this.hub = hub;
        }

        @Override
        public void tick(long nanos) {
            if (nanos - last < PERIOD || !running.compareAndSet(false, true)) {
                return;
            }
            last = nanos;
            // Not on the thread of the node: a sweep looks at all histories.
            Thread.ofVirtual().name("heliodor-sweep").start(() -> {
                try {
                    hub.sweep(System.nanoTime());
                } finally {
                    running.set(false);
                }
            });
        }
    }

    /**
     * Creates a builder.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a server for tests: a socket at {@code /socket} on a free port of loopback, with the defaults of the builder otherwise.
     *
     * {@snippet :
     * try (Endpoint server = Endpoint.onLoopback(socket);
     *         HttpClient http = HttpClient.newHttpClient()) {
     *     WebSocket ana = http.newWebSocketBuilder().buildAsync(server.webSocketUri("/socket"), listener).join();
     * }
     * }
     *
     * @param socket the socket
     * @return a started endpoint, with a pub/sub of its own, which the caller closes
     */
    public static Endpoint onLoopback(UserSocket<?> socket) {
        Objects.requireNonNull(socket, "socket");
        return builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", socket)
                .build()
                .start();
    }

    /**
     * Binds the port and serves. With the pub/sub of a cluster it first waits until presences, groups, disconnects and
     * revocations are up to date with the other nodes; after 10 s it logs a warning and continues. If the start fails, the
     * endpoint is closed.
     *
     * @return this
     * @throws PortInUseException if another program has the port
     * @throws UncheckedIOException if the port cannot be bound for another reason
     * @throws IllegalStateException if it was started or closed before, if it serves neither a socket nor files nor texts, or if
     *     its pub/sub has ended
     */
    public Endpoint start() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The endpoint is closed and does not start again; build another one.");
            }
            if (server != null) {
                throw new IllegalStateException("The endpoint has started already; it listens on port " + port() + ".");
            }
            Startup.checkServes(settings);
            try {
                Startup.awaitOthers(pubsub);
                Server started = Startup.start(settings);
                server = started;
                sweeps.close();
                settings.hub().channels().drainsBy(() -> drain(OPERATED_DRAIN));
                settings.hub()
                        .channels()
                        .inspection()
                        .directMemory(settings.memory()::used, settings.memory().limit());
                Startup.log(settings, started);
                pubsubEnd = ClusterPubSub.of(pubsub)
                        .onEnd(how -> Thread.ofVirtual().name("heliodor-ended").start(() -> drainAfter(how)));
            } catch (RuntimeException e) {
                close();
                throw e;
            }
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** The pub/sub has ended, so no join can succeed here any more: the clients go to other servers. */
    private void drainAfter(PubSubEnd how) {
        LOG.warn(
                "{} The endpoint on port {} accepts no more clients, its clients are disconnected, and /health responds with"
                        + " 503 and the reason {}.",
                how.text(),
                port(),
                how.reason());
        drain(DRAIN);
    }

    /**
     * Whether the endpoint has started and is not closed. It is running during a {@link #drain}.
     *
     * @return true while it serves
     */
    public boolean isRunning() {
        return server != null && !closed;
    }

    /**
     * Returns the port on which the endpoint listens, also after its close.
     *
     * @return the number; for port 0 the one that the system chose
     * @throws IllegalStateException if it has not started
     */
    public int port() {
        return server("has a port").port();
    }

    /**
     * Returns the address of a socket for WebSocket clients that are given the whole address, in version 2.0.0 of the protocol:
     * {@code ws://127.0.0.1:4000/socket/websocket?vsn=2.0.0}. An endpoint that listens on all addresses has {@code localhost}.
     *
     * @param path the path at which the socket is mounted
     * @return the address; {@code wss} with TLS
     * @throws IllegalArgumentException if no socket is mounted there
     * @throws IllegalStateException if the endpoint has not started
     */
    public URI webSocketUri(String path) {
        Objects.requireNonNull(path, "path");
        List<String> paths = settings.mounts().stream().map(Mount::path).toList();
        if (!paths.contains(path)) {
            throw new IllegalArgumentException("No socket is mounted at '" + path + "', but at " + paths + ".");
        }
        String host = ALL_ADDRESSES.contains(settings.host()) ? "localhost" : settings.host();
        return URI.create((settings.tls().isPresent() ? "wss" : "ws") + "://" + new Settings.Address(host, port())
                + path + "/websocket?vsn=2.0.0");
    }

    /**
     * Returns the port of the {@linkplain Builder#management management address}, also after the close of the endpoint.
     *
     * @return the number; for port 0 the one that the system chose
     * @throws IllegalStateException if the endpoint has not started, or has no management address
     */
    public int managementPort() {
        return server("has a management port")
                .managementPort()
                .orElseThrow(() -> new IllegalStateException(
                        "The endpoint has no management address; set one by management(host, port)."));
    }

    private Server server(String needed) {
        Server started = server;
        if (started == null) {
            throw new IllegalStateException(
                    "The endpoint " + needed + " after start(), which was not called or failed.");
        }
        return started;
    }

    /**
     * Returns the pub/sub of the endpoint's broadcasts.
     *
     * @return the one given to the builder, or the endpoint's own
     */
    public PubSub pubsub() {
        return pubsub;
    }

    /**
     * Returns the broadcasts to topics and the actions on connections. Code that is created before the endpoint, such as its
     * channels, gets the same object by {@link Channels#over}.
     *
     * @return always the same object
     */
    public Channels channels() {
        return settings.hub().channels();
    }

    /** The number of addresses that have connections or unfinished handshakes. */
    int addresses() {
        return server("remembers addresses").addresses();
    }

    /**
     * Returns the endpoint's counters since the start and its gauges, each with a description. {@code io.heliodor.micrometer}
     * binds them to a metrics system.
     *
     * @return always the same object. Each value is current when it is read, except for gauges that are computed in sweeps
     *     over all connections, which are up to a second old
     */
    public Metrics metrics() {
        return metrics;
    }

    /**
     * Notifies an observer of events of connections and channels from now on.
     *
     * @param observer notified on a virtual thread of its own
     * @return the subscription; it also ends when the endpoint is closed
     */
    public Subscription observe(Observer observer) {
        Objects.requireNonNull(observer, "observer");
        return settings.hub().observers().add(observer);
    }

    /**
     * Notifies an observer of the duration of each handler from now on. Without an observer, nothing is measured.
     *
     * @param observer notified on the threads of the handlers
     * @return the subscription; it also ends when the endpoint is closed
     */
    public Subscription observeHandlers(HandlerObserver observer) {
        Objects.requireNonNull(observer, "observer");
        return settings.hub().observers().add(observer);
    }

    /**
     * Refuses further connections and joins, responds to {@code /health} with 503, and closes every connection with code 1001.
     * Up to 100 connections have their turn together; more are spread over the window, so that the clients do not reconnect all
     * at once. A connection is read until its turn. Then its messages are handled and replied, also by deferred replies. It is
     * closed when its client has taken the replies, or has taken nothing for two seconds. The presences of the clients end at
     * the beginning; clients that are still connected get no diff. The method blocks until all are closed
     * and their leave hooks have returned, for ten seconds after the last turn at most: a hook may still store and broadcast.
     * Handlers that still run then are interrupted, and messages that wait are dropped. At the end, kept messages move to other
     * nodes, if there are any, which takes five seconds at most. A handler or hook that calls it waits for itself, for those ten
     * seconds. Does nothing unless the endpoint {@linkplain #isRunning is running}.
     *
     * @param window the time over which the turns are spread, for example two to five seconds
     * @throws IllegalArgumentException if it is negative
     */
    public void drain(Duration window) {
        Objects.requireNonNull(window, "window");
        if (window.isNegative()) {
            throw new IllegalArgumentException("The turns of a drain are spread over a time, not over " + window
                    + "; give Duration.ZERO to close all connections at once.");
        }
        Server running = server;
        if (running != null && !closed) {
            running.drain(window);
        }
    }

    /**
     * Drains over two seconds and then stops. Blocks for a few seconds, about half a minute at most, and not at all if no client is
     * connected, no leave hook runs and no messages are kept. Leave hooks run with {@code Draining}, and the close waits for
     * them as {@link #drain} does. Further calls have no effect. After the close of an endpoint that was not started, {@link Channels#over} no longer finds it.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closeParts();
        } finally {
            lock.unlock();
        }
    }

    /** Closes each part, also if an earlier one fails: no further call of {@link #close} does it. */
    private void closeParts() {
        try {
            Subscription noticed = pubsubEnd;
            if (noticed != null) {
                noticed.close();
            }
            sweeps.close();
            Server running = server;
            if (running != null) {
                stop(running);
            } else {
                // It may have published what no other node keeps yet.
                boolean _ = settings.hub().drain();
                settings.hub().handOver();
            }
        } finally {
            try {
                settings.hub().close();
            } finally {
                if (ownsPubSub) {
                    pubsub.close();
                }
            }
        }
    }

    private static void stop(Server running) {
        try {
            running.drain(DRAIN);
        } finally {
            running.close();
        }
    }

    /** The address, the sockets and the state, for logs. */
    @Override
    public String toString() {
        Server started = server;
        String state = closed ? "closed" : started == null ? "not started" : "running";
        return "Endpoint[" + settings.host() + ":" + (started == null ? settings.port() : started.port()) + ", sockets "
                + settings.mounts().stream().map(Mount::path).toList() + ", " + state + "]";
    }

    /** Builds an endpoint. Not thread-safe. */
    public static final class Builder {
        private String host = "0.0.0.0";
        private int port = 4000;
        private Optional<PubSub> pubsub = Optional.empty();
        private Limits limits = Limits.openInternet();
        private Optional<JsonMapper> json = Optional.empty();
        private Optional<ServedHosts> hosts = Optional.empty();
        private List<String> origins = List.of();
        private Set<Integer> originPorts = Set.of();
        private Optional<Transport> transport = Optional.empty();
        private int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private boolean compression;
        private PollLimits polls = PollLimits.defaults();
        private StopTimeouts stop = StopTimeouts.defaults();
        private TrustedProxies proxies = TrustedProxies.of(List.of());
        private boolean proxyProtocol;
        private Optional<Settings.Address> management = Optional.empty();
        private ServedHosts managementHosts = ServedHosts.all();
        private Optional<Tls> tls = Optional.empty();
        private final ServedPaths paths = new ServedPaths();
        private final Map<String, Callable<Boolean>> ready = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Sets the address to listen on.
         *
         * @param address an address or name of this machine; all addresses by default
         * @return this
         */
        public Builder host(String address) {
            this.host = Objects.requireNonNull(address, "address");
            return this;
        }

        /**
         * Sets the port to listen on.
         *
         * @param number 0 to 65535; 0 for a free one; 4000 by default
         * @return this
         * @throws IllegalArgumentException if it is not a port
         */
        public Builder port(int number) {
            this.port = checkPort(number);
            return this;
        }

        /**
         * Sets an address of their own for the texts of {@link #get} and the details of {@code /health}. They are then
         * served there only, and {@code /health} of the endpoint's own port has the status and nothing else. By default
         * all of them are served on the endpoint's port.
         *
         * <p>The management address serves plain HTTP to each client that reaches it, also while memory is short. Its
         * connections have limits of their own, so clients of the endpoint cannot keep a scraper out. Choose an address
         * that only operators reach.
         *
         * <p>A request needs a {@code Host} that no foreign page can have whose name leads here (DNS rebinding): an IP
         * address, as probes and scrapers send it, a name without a dot, a name that ends in {@code .localhost}, {@code
         * .internal}, {@code .svc} or {@code .svc.cluster.local}, the address itself, or one of {@code names}. Others
         * get status 403, and a line of the log.
         *
         * @param address a host name or an IP address, such as {@code 127.0.0.1}
         * @param number 0 to 65535; 0 for a free one, see {@link Endpoint#managementPort}
         * @param names further names by which operators reach it, as for {@link #hosts}
         * @return this
         * @throws IllegalArgumentException if the port does not exist, or a name is not one
         */
        public Builder management(String address, int number, String... names) {
            this.management =
                    Optional.of(new Settings.Address(Objects.requireNonNull(address, "address"), checkPort(number)));
            this.managementHosts = ServedHosts.ofManagement(address, List.of(Objects.requireNonNull(names, "names")));
            return this;
        }

        /**
         * Sets the names by which the endpoint is reached. A request with another {@code Host} gets status 403, {@code
         * /health} included: so no foreign page reaches the endpoint under a name of its own that leads here (DNS
         * rebinding). By default each host is served; but an endpoint that listens on a loopback address, without {@link
         * #trustedProxies}, serves the hosts of a {@linkplain #management management address} only. A proxy on the same
         * machine passes on the public name: name it here, or the proxy there.
         *
         * <p>A proxy must pass on the {@code Host} of the browser, or its own must be named. So must the address by
         * which a balancer checks {@code /health}, if it sends that.
         *
         * @param names host names such as {@code app.example.com}, {@code *.example.com} for the host and its
         *     subdomains, and addresses such as {@code 192.0.2.7} or {@code [::1]}; without scheme and port
         * @return this
         * @throws IllegalArgumentException if there is none, or one is not a name
         */
        public Builder hosts(String... names) {
            this.hosts = Optional.of(ServedHosts.of(List.of(Objects.requireNonNull(names, "names"))));
            return this;
        }

        /**
         * Sets the origins of pages that may connect. By default an origin must have the host and port of the request's {@code
         * Host} header, and the scheme of the request if the endpoint knows it.
         *
         * @param allowed origins such as {@code https://app.example.com}; a missing scheme or port matches any,
         *     {@code *.example.com} matches the host and its subdomains, {@code *} alone every origin
         * @return this
         * @throws IllegalArgumentException if one is not an origin
         */
        public Builder origins(String... allowed) {
            this.origins = List.of(Objects.requireNonNull(allowed, "allowed"));
            Origins.of(origins);
            return this;
        }

        /**
         * Sets further ports of the host to which a request was sent: their pages may connect, too, with any scheme. For a web server on
         * the same host, which serves the pages, while the endpoint has a port of its own. None by default.
         *
         * @param numbers 1 to 65535
         * @return this
         * @throws IllegalArgumentException if one is not a port
         */
        public Builder originPorts(int... numbers) {
            Set<Integer> ports = new LinkedHashSet<>();
            for (int number : Objects.requireNonNull(numbers, "numbers")) {
                if (number == 0) {
                    throw new IllegalArgumentException("Port 0 is that of no page; choose 1 to 65535.");
                }
                ports.add(checkPort(number));
            }
            this.originPorts = ports;
            return this;
        }

        /**
         * Sets the pub/sub of broadcasts, which stays open when the endpoint is closed. By default the endpoint has its own for
         * this JVM, and closes it.
         *
         * <p>With the pub/sub of a node, {@code pubsub(node.pubsub())}, the endpoint belongs to a cluster: a broadcast reaches
         * the members of its topic on all nodes. Start the node before the endpoint, and close it afterwards.
         *
         * <p>If the pub/sub ends before the endpoint, because its node closed itself for example, the endpoint drains: it
         * refuses new connections, closes the others with code 1001, and {@code /health} responds with 503 and the reason.
         *
         * @param shared the pub/sub
         * @return this
         */
        public Builder pubsub(PubSub shared) {
            this.pubsub = Optional.of(Objects.requireNonNull(shared, "shared"));
            return this;
        }

        /**
         * Sets the limits.
         *
         * @param bounds the limits; {@link Limits#openInternet()} by default
         * @return this
         */
        public Builder limits(Limits bounds) {
            this.limits = Objects.requireNonNull(bounds, "bounds");
            return this;
        }

        /**
         * Sets the JSON mapper of payloads. The default is strict: it does not coerce types and ignores unknown fields, and
         * each component of a record must be present and not null, unless it is an {@code Optional} or marked {@code @Nullable}.
         * A given mapper becomes as strict, and keeps its modules, names, formats and annotations.
         *
         * @param mapper a mapper of Jackson, which is copied
         * @return this
         */
        public Builder json(JsonMapper mapper) {
            this.json = Optional.of(Objects.requireNonNull(mapper, "mapper"));
            return this;
        }

        /**
         * Sets the I/O backend.
         *
         * @param way the backend; by default the first that works on the machine
         * @return this
         */
        public Builder transport(Transport way) {
            this.transport = Optional.of(Objects.requireNonNull(way, "way"));
            return this;
        }

        /**
         * Sets whether clients may negotiate compression in both directions, as browsers do (permessage-deflate, RFC 7692).
         * Messages below 128 bytes, and those that do not shrink, are sent uncompressed.
         *
         * <p>It is off by default, because it costs processor time on the event loops: about 10 microseconds for a message of
         * 1 kB. A reply or push is compressed once, and a broadcast once on each loop, for any number of members. Compression
         * needs about 300 KiB outside of the heap for each loop, and nothing for each connection. A message of a client may
         * inflate a thousandfold, up to {@link io.heliodor.limit.SessionLimits#maxMessageBytes()}. The length of a compressed
         * message reveals something of its content, also under TLS: leave compression off if a message contains a secret
         * together with text that others choose.
         *
         * @param on false by default
         * @return this
         */
        public Builder compression(boolean on) {
            this.compression = on;
            return this;
        }

        /**
         * Sets the proxies whose headers name their clients; none by default. The client of a proxy's request is the rightmost
         * address in {@code X-Forwarded-For} that is not a trusted proxy, and its scheme is that of {@code X-Forwarded-Proto}.
         * This address is {@link io.heliodor.channel.Connect#remoteAddress()}, and limits for addresses apply to it. In
         * requests of others these headers are ignored.
         *
         * <p>A trusted proxy must write {@code X-Forwarded-For} itself: a value that it passes on is the client's choice.
         *
         * @param addresses addresses and networks, such as {@code 10.0.0.0/8} or {@code ::1}
         * @return this
         * @throws IllegalArgumentException if one is neither
         */
        public Builder trustedProxies(String... addresses) {
            this.proxies = TrustedProxies.of(List.of(Objects.requireNonNull(addresses, "addresses")));
            return this;
        }

        /**
         * Sets whether each connection begins with a header of the PROXY protocol, version 1 or 2, which names the client. All
         * connections, including health checks, must come from one of the {@link #trustedProxies} and send it; others are
         * closed.
         *
         * @param on false by default
         * @return this
         */
        public Builder proxyProtocol(boolean on) {
            this.proxyProtocol = on;
            return this;
        }

        /**
         * Encrypts all connections with TLS, version 1.3 or 1.2. By default connections are not encrypted.
         *
         * @param certificates the certificates of the server
         * @return this
         */
        public Builder tls(Tls certificates) {
            this.tls = Optional.of(Objects.requireNonNull(certificates, "certificates"));
            return this;
        }

        /** Sets the number of event loops; by default one for every two processors, because more loops make smaller batches. */
        Builder loops(int count) {
            this.loops = count;
            return this;
        }

        /** Sets the limits of long polling. */
        Builder polls(PollLimits bounds) {
            this.polls = bounds;
            return this;
        }

        /** Sets the deadlines of the stop. */
        Builder stop(StopTimeouts timeouts) {
            this.stop = timeouts;
            return this;
        }

        /**
         * Mounts a socket at a path.
         *
         * @param path the path, such as {@code /socket}
         * @param socket the socket
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, ends with one, or is taken
         */
        public Builder socket(String path, UserSocket<?> socket) {
            paths.socket(path, socket);
            return this;
        }

        /**
         * Mounts a socket for operators at a path of the {@linkplain #management management address}, or of the endpoint's port without
         * one. Its connections and channels count as those of other sockets.
         *
         * @param path the path, such as {@code /operators}
         * @param socket the socket, whose connect handler must check who connects
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, ends with one, or is taken
         */
        public Builder managementSocket(String path, UserSocket<?> socket) {
            paths.managementSocket(path, socket);
            return this;
        }

        /**
         * Serves the files of a folder.
         *
         * @param path the path, {@code /} or such as {@code /assets/}
         * @param folder the folder; {@code index.html} is the page of it and of each subfolder. Files whose name begins with a
         *     dot, and links that lead out of the folder, are not served
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, or the folder does not exist
         */
        public Builder files(String path, Path folder) {
            paths.files(path, folder);
            return this;
        }

        /**
         * Serves a text at a path that is computed for each GET request, such as metrics. Any client that reaches the port can
         * read it: serve confidential texts on a {@linkplain #management management address}.
         *
         * <p><b>Threads:</b> a virtual thread for each request, at most four at a time. Further requests wait, and the
         * addresses of clients take turns; with 256 waiting for one address, further ones get status 503.
         * <b>Blocking:</b> allowed; the client waits. An exception is logged, and the client gets status 500.
         *
         * @param path the path, such as {@code /metrics}. It takes precedence over files
         * @param handler computes the response to a request
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, or is taken
         */
        public Builder get(String path, TextHandler handler) {
            paths.text(path, handler);
            return this;
        }

        /**
         * Adds a readiness check: while it returns false, {@code /health} responds with 503 and {@code unready}.
         *
         * <p><b>Threads:</b> virtual threads, on requests to {@code /health}, at most once a second and never concurrently.
         * <b>Blocking:</b> allowed; a check that takes more than two seconds or throws counts as false, and is logged.
         *
         * @param name the name in the response of {@code /health}: lower-case letters, digits and {@code _}
         * @param check returns whether the application is ready
         * @return this
         * @throws IllegalArgumentException if the name has other characters, or is taken
         */
        public Builder ready(String name, Callable<Boolean> check) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(check, "check");
            if (!name.matches("[a-z0-9_]{1,64}") || ready.containsKey(name)) {
                throw new IllegalArgumentException("'" + name
                        + "' cannot name a check; choose one of lower-case letters, digits and _ that is free.");
            }
            ready.put(name, check);
            return this;
        }

        /**
         * Checks the settings and creates the endpoint. It binds no port and starts no thread before {@link Endpoint#start}.
         *
         * @return the endpoint, which the caller starts and closes
         * @throws UnsupportedOperationException if the chosen transport does not work on this machine
         * @throws IllegalStateException if the PROXY protocol is on and no proxy is trusted, the pub/sub is closed, or the class
         *     path has a version of Netty or Jackson that is not supported; then the message has the line to write
         * @throws IllegalArgumentException if the mapper can never read or write the payloads of an event, call or join, or if they have
         *     annotations of Bean Validation and their socket has no validator
         */
        public Endpoint build() {
            LibraryVersions.check();
            if (proxyProtocol && proxies.isEmpty()) {
                throw new IllegalStateException("proxyProtocol(true) lets whoever connects choose an address;"
                        + " say with trustedProxies(...) who may.");
            }
            IoBackend io = transport.map(Transport::io).orElseGet(IoBackend::best);
            io.check();
            PayloadCodec codec = json.map(PayloadCodec::strict).orElseGet(PayloadCodec::strict);
            boolean spansNodes = pubsub.map(PubSub::spansNodes).orElse(false);
            paths.allMounts().forEach(mount -> Hub.check(mount.socket(), codec, spansNodes));
            PubSub effectivePubsub = pubsub.orElseGet(PubSub::local);
            Hub hub = new Hub(
                    effectivePubsub, codec, limits, TopicLimits.DEFAULTS, System::nanoTime, InstantSource.system());
            paths.allMounts().forEach(mount -> hub.serve(mount.routes()));
            hub.channels().inspection().sockets(paths.inspected(management.isEmpty(), json));
            Settings settings = new Settings(
                    host,
                    port,
                    io,
                    loops,
                    DirectMemory.of(limits.memory()),
                    hub,
                    paths.mounts(),
                    paths.managementMounts(),
                    paths.files(),
                    hosts.orElseGet(() -> ServedHosts.byDefault(host, proxies)),
                    Origins.of(origins, originPorts),
                    compression,
                    polls,
                    paths.texts(),
                    new Readiness(ready),
                    proxies,
                    proxyProtocol,
                    management,
                    managementHosts,
                    tls.map(Tls::tls),
                    stop);
            return new Endpoint(settings, effectivePubsub, pubsub.isEmpty());
        }

        private static int checkPort(int number) {
            if (number < 0 || number > 65_535) {
                throw new IllegalArgumentException("Port " + number + " does not exist; choose 0 to 65535.");
            }
            return number;
        }
    }
}
