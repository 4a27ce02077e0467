package io.heliodor.endpoint;

import io.heliodor.channel.Channels;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Metrics;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.session.Hub;
import io.heliodor.transport.Server;
import io.heliodor.transport.Settings;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.http.Readiness;
import io.heliodor.transport.http.StaticFiles;
import io.heliodor.transport.http.TextEndpoint;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.wire.PayloadCodec;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The running server: sockets, static files and {@code /health} on one port.
 *
 * {@snippet lang="java" :
 * try (Endpoint endpoint = Endpoint.builder().port(4000).socket("/socket", socket).build().start()) {
 *     endpoint.channels().broadcast("room:lobby", NOTICE, new Notice("maintenance at noon"));
 * }
 * }
 *
 * <p>A socket mounted at {@code /socket} answers WebSocket clients of the Phoenix protocol, versions 1.0.0 and
 * 2.0.0, at {@code /socket/websocket}, and clients that poll at {@code /socket/longpoll}; phoenix.js appends these
 * endings by itself.
 *
 * <p>An endpoint is built, started once and closed once. Before its start it has no thread and no port, but it is reachable by
 * {@link Channels#over}: a program that only publishes builds one and does not start it.
 *
 * <p>Any thread may use an endpoint.
 */
public final class Endpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.endpoint");
    private static final Duration CATCH_UP = Duration.ofSeconds(10);

    private final Settings settings;
    private final PubSub pubsub;
    private final boolean ownsPubSub;
    private final Metrics metrics;

    /** Held while it starts or closes, so that a close finds a server or prevents its start. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable Server server;
    private volatile boolean closed;

    private Endpoint(Settings settings, PubSub pubsub, boolean ownsPubSub) {
        this.settings = settings;
        this.pubsub = pubsub;
        this.ownsPubSub = ownsPubSub;
        this.metrics =
                new Metrics(Stream.concat(settings.hub().metrics().all().stream(), settings.memory().metrics().stream())
                        .toList());
    }

    /**
     * A server to be put together.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Binds the port and serves. With the pub/sub of a cluster it first waits until presences, groups, disconnects and revocations have
     * caught up with the other nodes, 10 s at most; then it writes a warning and goes on. If the start fails, the endpoint is closed.
     *
     * @return this
     * @throws PortInUseException if another program has the port
     * @throws UncheckedIOException if the port cannot be bound for another reason
     * @throws IllegalStateException if it was started or closed before
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
            try {
                listen();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
            return this;
        } finally {
            lock.unlock();
        }
    }

    private void listen() {
        if (!Nodes.of(pubsub).awaitCaughtUp(CATCH_UP)) {
            LOG.warn(
                    "The other nodes did not answer within {}: the endpoint starts without all of their presences and revocations, and gets them later.",
                    CATCH_UP);
        }
        try {
            server = Server.start(settings);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof BindException inUse) {
                throw new PortInUseException(settings.host(), settings.port(), inUse);
            }
            throw e;
        }
        LOG.info(
                "The endpoint listens on {}://{}:{} ({}), sockets {}",
                settings.tls().isPresent() ? "https" : "http",
                settings.host(),
                port(),
                settings.io().name().toLowerCase(Locale.ROOT),
                settings.mounts().stream().map(Mount::path).toList());
    }

    /**
     * Whether it has started and is not closed. A server that {@link #drain drains} runs.
     *
     * @return whether it serves
     */
    public boolean isRunning() {
        return server != null && !closed;
    }

    /**
     * The port that it listens on, also after its end.
     *
     * @return the number; the one chosen by the system if 0 was asked for
     * @throws IllegalStateException if it has not started
     */
    public int port() {
        return server("has a port").port();
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
     * The pub/sub that carries its broadcasts.
     *
     * @return the one given to the builder, or its own
     */
    public PubSub pubsub() {
        return pubsub;
    }

    /**
     * Reaches the members of topics and the connections of ids. Code that is made before the endpoint, as its channels are, has the same
     * by {@link Channels#over}.
     *
     * @return always the same
     */
    public Channels channels() {
        return settings.hub();
    }

    /** How many addresses are remembered for their connections and handshakes. */
    int addresses() {
        return server("remembers addresses").addresses();
    }

    /**
     * The counters and gauges of the endpoint, each with its meaning: the counters since the start, the gauges as they are
     * now. {@code io.heliodor.micrometer} binds them to a metrics system.
     *
     * @return always the same; a number is read when its value is. Gauges that the event loops compute when they look at all
     *     connections are up to a second old
     */
    public Metrics metrics() {
        return metrics;
    }

    /**
     * Tells an observer what happens to connections and channels from now on.
     *
     * @param observer is told, on a virtual thread of its own
     * @return the subscription; it also ends when the endpoint is closed
     */
    public Subscription observe(Observer observer) {
        return settings.hub().observers().add(observer);
    }

    /**
     * Tells an observer how long each handler takes from now on. Without one, no time is taken.
     *
     * @param observer is told, on the threads of the handlers
     * @return the subscription; it also ends when the endpoint is closed
     */
    public Subscription observeHandlers(HandlerObserver observer) {
        return settings.hub().observers().add(observer);
    }

    /**
     * Takes no more connections and joins, answers {@code /health} with 503, and closes every connection with code 1001:
     * 100 or fewer at once, more spread evenly over the window, so that the clients do not come back all at once. It
     * waits for that, less long if clients leave by themselves. Presences of its clients end at the beginning, as a
     * {@code Presence} reports them; clients that are still connected get no diff. At the end it brings the messages that
     * it keeps to other nodes, if there are any; that takes five seconds at most. Does nothing unless the endpoint
     * {@linkplain #isRunning runs}.
     *
     * @param window over how long, for example two to five seconds
     */
    public void drain(Duration window) {
        Server running = server;
        if (running != null && !closed) {
            running.drain(window);
        }
    }

    /**
     * Drains over two seconds, then stops; waits for that, a few seconds at the most, and not at all when nobody is
     * connected and no messages are kept. Leave hooks of channels run with {@code Draining}; they are not waited for. Closing again does nothing, and
     * neither does closing what did not start, but that {@link Channels#over} does not find it any more.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            Server running = server;
            if (running != null) {
                running.drain(Duration.ofSeconds(2));
                running.close();
            }
            settings.hub().close();
            if (ownsPubSub) {
                pubsub.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Puts a server together. Not for several threads at once. */
    public static final class Builder {
        private String host = "0.0.0.0";
        private int port = 4000;
        private Optional<PubSub> pubsub = Optional.empty();
        private Limits limits = Limits.openInternet();
        private Optional<JsonMapper> json = Optional.empty();
        private List<String> origins = List.of();
        private Optional<Transport> transport = Optional.empty();
        private int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private boolean compression;
        private PollLimits polls = PollLimits.defaults();
        private TrustedProxies proxies = TrustedProxies.of(List.of());
        private boolean proxyProtocol;
        private Optional<Tls> tls = Optional.empty();
        private final List<Mount<?>> mounts = new ArrayList<>();
        private final List<StaticFiles> files = new ArrayList<>();
        private final Map<String, TextEndpoint> texts = new LinkedHashMap<>();
        private final Map<String, Callable<Boolean>> ready = new LinkedHashMap<>();

        private Builder() {}

        /**
         * The address to listen on.
         *
         * @param address an address or name of this machine; all addresses by default
         * @return this
         */
        public Builder host(String address) {
            this.host = address;
            return this;
        }

        /**
         * The port to listen on.
         *
         * @param number 0 to 65535; 0 for a free one; 4000 by default
         * @return this
         * @throws IllegalArgumentException if it is no port
         */
        public Builder port(int number) {
            if (number < 0 || number > 65_535) {
                throw new IllegalArgumentException("Port " + number + " does not exist; choose 0 to 65535.");
            }
            this.port = number;
            return this;
        }

        /**
         * Which pages may connect. By default those of the same host and port as the request's {@code Host} header, and,
         * where the endpoint knows whether it was asked over http or https, of that scheme.
         *
         * @param allowed origins such as {@code https://app.example.com}; a missing scheme or port matches any,
         *     {@code *.example.com} matches the host and its subdomains, {@code *} alone every page
         * @return this
         * @throws IllegalArgumentException if one is no origin
         */
        public Builder origins(String... allowed) {
            this.origins = List.of(allowed);
            Origins.of(origins);
            return this;
        }

        /**
         * The pub/sub that carries broadcasts. By default the endpoint has one of its own, for this JVM, which it closes; one
         * that is given stays open.
         *
         * <p>With the pub/sub of a node, {@code pubsub(node.pubsub())}, the endpoint is one of a cluster: a broadcast reaches
         * the members of its topic on all nodes. Start the node before the endpoint, and close it after.
         *
         * @param shared the pub/sub
         * @return this
         */
        public Builder pubsub(PubSub shared) {
            this.pubsub = Optional.of(shared);
            return this;
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
         * How payloads are read and written. The default is strict: no coercion, every component of a record must be
         * there and not null unless it is an {@code Optional} or marked {@code @Nullable}, unknown fields are ignored. A mapper of your
         * own is made as strict; its modules, names, formats and annotations stay.
         *
         * @param mapper Jackson's mapper; it stays as it is
         * @return this
         */
        public Builder json(JsonMapper mapper) {
            this.json = Optional.of(mapper);
            return this;
        }

        /**
         * How to do I/O.
         *
         * @param way by default the best that works on the machine
         * @return this
         */
        public Builder transport(Transport way) {
            this.transport = Optional.of(way);
            return this;
        }

        /**
         * Whether messages may be compressed, both ways, for clients that ask for it, as browsers do (permessage-deflate,
         * RFC 7692). Messages below 128 bytes, and those that do not shrink, are sent as they are.
         *
         * <p>Off by default, since it trades processor time for bytes and is not for every application. It runs on the
         * event loops: about 10 microseconds for a message of 1 kB, once for each reply or push, and once on each loop
         * for a broadcast however many members get it. It needs about 300 KiB outside of the heap for each loop, and
         * nothing for a connection. A client may make the server read a thousand times what it sends, up to
         * {@link io.heliodor.limit.SessionLimits#maxMessageBytes()} for each message. And the length of a compressed message
         * reveals something of its content, also under TLS: leave it off if a message contains a secret and text that a
         * stranger chose.
         *
         * @param on false by default
         * @return this
         */
        public Builder compression(boolean on) {
            this.compression = on;
            return this;
        }

        /**
         * The proxies that may say who their clients are. A request that one of them brings is from the rightmost address
         * of its {@code X-Forwarded-For} that is not trusted itself, and was made with the scheme of its
         * {@code X-Forwarded-Proto}; that address is {@link io.heliodor.channel.Connect#remoteAddress()}, and the one
         * that the limits count. Of everybody else these headers are ignored, and of everybody by default.
         *
         * <p>A proxy that is trusted must write {@code X-Forwarded-For} itself: what it passes on as it came, its clients
         * have chosen.
         *
         * @param addresses addresses and networks, such as {@code 10.0.0.0/8} or {@code ::1}
         * @return this
         * @throws IllegalArgumentException if one is neither
         */
        public Builder trustedProxies(String... addresses) {
            this.proxies = TrustedProxies.of(List.of(addresses));
            return this;
        }

        /**
         * Whether each connection begins with a header of the PROXY protocol, version 1 or 2, that names the client. It
         * must come from one of the {@link #trustedProxies}, and everything that speaks to the port must send it, checks
         * of its health included; other connections are closed.
         *
         * @param on false by default
         * @return this
         */
        public Builder proxyProtocol(boolean on) {
            this.proxyProtocol = on;
            return this;
        }

        /**
         * Encrypts every connection with TLS, in versions 1.3 and 1.2. By default the port speaks plain HTTP.
         *
         * @param certificates with which certificates
         * @return this
         */
        public Builder tls(Tls certificates) {
            this.tls = Optional.of(certificates);
            return this;
        }

        /** How many event loops; by default one for every two processors: more of them make smaller batches. */
        Builder loops(int count) {
            this.loops = count;
            return this;
        }

        /** The bounds of long polling. */
        Builder polls(PollLimits bounds) {
            this.polls = bounds;
            return this;
        }

        /**
         * Mounts a socket.
         *
         * @param path where: {@code /socket}
         * @param socket what is there
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, ends with one, or is taken
         */
        public Builder socket(String path, UserSocket<?> socket) {
            checkPath(path);
            if (path.endsWith("/") || path.endsWith("/websocket") || path.endsWith("/longpoll")) {
                throw new IllegalArgumentException(
                        "Path '" + path
                                + "' ends with a slash, /websocket or /longpoll; clients append these by themselves: write /socket.");
            }
            if (mounts.stream().anyMatch(mount -> mount.path().equals(path))) {
                throw new IllegalArgumentException("Path '" + path + "' has a socket; mount this one elsewhere.");
            }
            mounts.add(Mount.of(path, socket));
            return this;
        }

        /**
         * Serves the files of a folder.
         *
         * @param path where: {@code /} or {@code /assets/}
         * @param folder the folder; {@code index.html} answers for it and its subfolders. Not served are files whose
         *     name begins with a dot, and links that lead out of the folder
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, or there is no such folder
         */
        public Builder files(String path, Path folder) {
            checkPath(path);
            if (!Files.isDirectory(folder)) {
                throw new IllegalArgumentException("There is no folder " + folder + " to serve under '" + path + "'.");
            }
            files.add(new StaticFiles(path.endsWith("/") ? path : path + "/", folder));
            files.sort(
                    Comparator.comparingInt((StaticFiles each) -> each.prefix().length())
                            .reversed());
            return this;
        }

        /**
         * Answers GET at a path with a text that is computed for each request, such as metrics. Everybody who reaches the
         * port may ask: keep what is not for strangers behind a proxy.
         *
         * <p><b>Threads:</b> a virtual thread for each request, at most four at a time; whoever asks meanwhile gets status
         * 503. <b>Blocking:</b> allowed; the client waits. An exception is logged, and the client gets status 500.
         *
         * @param path where, exactly: {@code /metrics}. It goes before files
         * @param handler computes the answer to a request
         * @return this
         * @throws IllegalArgumentException if the path does not begin with a slash, or is taken
         */
        public Builder get(String path, TextHandler handler) {
            checkPath(path);
            if (path.equals("/health") || texts.containsKey(path)) {
                throw new IllegalArgumentException("Path '" + path + "' is taken; choose another.");
            }
            texts.put(path, new TextEndpoint(path, request -> {
                Text answer = handler.answer(
                        new Request(request.path(), request.params(), request.headers(), request.remoteAddress()));
                return new TextEndpoint.Text(answer.type(), answer.text());
            }));
            return this;
        }

        /**
         * Makes {@code /health} answer 503 with {@code unready} while a check says no.
         *
         * <p><b>Threads:</b> virtual threads, when somebody asks for {@code /health}, but at most once a second and never
         * twice at a time. <b>Blocking:</b> allowed; a check that takes more than two seconds counts as no, and so does an
         * exception. Both are logged.
         *
         * @param name what is checked, for {@code /health}: lower-case letters, digits and {@code _}
         * @param check whether it is ready
         * @return this
         * @throws IllegalArgumentException if the name has other characters, or is taken
         */
        public Builder ready(String name, Callable<Boolean> check) {
            if (!name.matches("[a-z0-9_]{1,64}") || ready.containsKey(name)) {
                throw new IllegalArgumentException("'" + name
                        + "' cannot name a check; choose one of lower-case letters, digits and _ that is free.");
            }
            ready.put(name, check);
            return this;
        }

        /**
         * Checks the settings and makes the endpoint. No port is bound and no thread begins before its {@link Endpoint#start start}.
         *
         * @return the endpoint, to be started and closed
         * @throws UnsupportedOperationException if the chosen transport does not work on this machine
         * @throws IllegalStateException if the PROXY protocol is on and no proxy is trusted, or the pub/sub is closed
         */
        public Endpoint build() {
            if (proxyProtocol && proxies.isEmpty()) {
                throw new IllegalStateException("proxyProtocol(true) lets whoever connects choose an address;"
                        + " say with trustedProxies(...) who may.");
            }
            IoBackend io = transport.map(Transport::io).orElseGet(IoBackend::best);
            io.check();
            PubSub bus = pubsub.orElseGet(PubSub::local);
            PayloadCodec codec = json.map(PayloadCodec::strict).orElseGet(PayloadCodec::strict);
            Hub hub = new Hub(bus, codec, limits, System::nanoTime);
            mounts.forEach(mount -> hub.serve(mount.routes()));
            Settings settings = new Settings(
                    host,
                    port,
                    io,
                    loops,
                    DirectMemory.of(limits.memory()),
                    hub,
                    List.copyOf(mounts),
                    List.copyOf(files),
                    Origins.of(origins),
                    compression,
                    polls,
                    Map.copyOf(texts),
                    new Readiness(ready),
                    proxies,
                    proxyProtocol,
                    tls.map(Tls::certificates));
            return new Endpoint(settings, bus, pubsub.isEmpty());
        }

        private static void checkPath(String path) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("Path '" + path + "' does not begin with a slash.");
            }
        }
    }
}
