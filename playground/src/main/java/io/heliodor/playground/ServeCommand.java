package io.heliodor.playground;

import io.heliodor.dashboard.Dashboard;
import io.heliodor.document.DocumentStore;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.PortInUseException;
import io.heliodor.endpoint.Tls;
import io.heliodor.endpoint.Transport;
import io.heliodor.limit.ConnectionLimits;
import io.heliodor.limit.Limits;
import io.heliodor.node.Node;
import io.heliodor.playground.node.Address;
import io.heliodor.playground.node.ClusterOptions;
import io.heliodor.playground.node.EndedNode;
import io.heliodor.playground.node.StartedNode;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Tokens;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serve}: the playground server. */
@Command(
        name = "serve",
        description =
                "Starts the playground server: WebSocket and long poll at /socket, health at /health, metrics at /metrics.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "room:*     shout, whisper, echo, fail, push_me, crash, stop, slow, typed, bin,",
            "           who, kick, node; join with user to be present; connect with",
            "           token=deny to be refused, with user_id=X to be kicked; pages are refused",
            "           at /refusing, with status=STATUS; at /named, for clients with user_id,",
            "           a room has once, which is executed once for each key",
            "history:*  the same and note; keeps the last 100 shouts and notes for 5 minutes,",
            "           or --history-age, for clients that join again with since",
            "state:*    bump; a join with ms reads the number and replies so many ms later",
            "notes:*    join with user; note",
            "private:*  join with token, as ./heliodor token prints it; echo, shout",
            "own:USER   for a connection that has sent the token of that user: the event refresh",
            "limited:*  echo, at most 10 messages a second",
            "realtime:* broadcast and presence for supabase-js",
            "doc:*      shared documents for @heliodor/yjs",
            "",
            "With --node topics span all nodes of the cluster."
        })
final class ServeCommand implements Callable<Integer> {
    /** Serves until a signal ends the JVM. */
    static final int SERVING = -1;

    /** A day, in seconds. */
    private static final int MAX_KEEP_ALIVE = 86_400;

    /** A day, in seconds. */
    private static final int MAX_HISTORY_AGE = 86_400;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Address to listen on (${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "4000", description = "Port; 0 for a free one (${DEFAULT-VALUE}).")
    private int port = 4000;

    @Option(
            names = "--log-level",
            defaultValue = "warn",
            description = "trace, debug, info, warn, error or off (${DEFAULT-VALUE}).")
    private String logLevel = "warn";

    @Option(names = "--transport", description = "io_uring, epoll or nio; by default the best that works.")
    private @Nullable String transport;

    @Option(names = "--compress", description = "Compress messages for clients that ask for it.")
    private boolean compress;

    @Option(
            names = "--handshakes-per-address",
            paramLabel = "N",
            description = "Connections of one address that are neither a WebSocket nor a parked poll, loopback too; by"
                    + " default 256, and any number of loopback.")
    private @Nullable Integer handshakes;

    @Option(
            names = "--keep-alive",
            paramLabel = "SECONDS",
            description = "Time until the next request on a connection, longer than that of a balancer; by default 75.")
    private @Nullable Integer keepAlive;

    @Option(
            names = "--hosts",
            paramLabel = "HOST[,HOST...]",
            description = "Hosts that are served, as app.example.com or *.example.com; by default each one.")
    private @Nullable String hosts;

    @Option(
            names = "--management",
            paramLabel = "HOST:PORT",
            description =
                    "Address of their own for /metrics and the details of /health; by default they are at --port.")
    private @Nullable String management;

    @Option(
            names = "--dashboard",
            description = "Serves a page for operators at /dashboard, at --management if given; its token is random, or"
                    + " HELIODOR_DASHBOARD_TOKEN.")
    private boolean dashboard;

    @Option(
            names = "--dashboard-actions",
            description = "Has the dashboard disconnect users, remove members, drain nodes and try messages.")
    private boolean dashboardActions;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificates in PEM, to serve https and wss.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Their private key in PEM, PKCS #8.")
    private @Nullable Path key;

    @Option(
            names = "--node",
            paramLabel = "NAME@HOST[:PORT]",
            description = "Joins a cluster under this name; the node listens there, on port 7100 if"
                    + " none is given, on a free one if it is 0.")
    private @Nullable String node;

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--history-age",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long broadcasts of history:* are kept (${DEFAULT-VALUE}).")
    private int historyAge = 300;

    @Option(
            names = "--documents",
            paramLabel = "FOLDER",
            description =
                    "Folder of the documents of doc:*, at most 100 of them, shared by the nodes of one machine; by"
                            + " default they are in memory.")
    private @Nullable Path documents;

    @Option(names = "--history", hidden = true, defaultValue = "100", description = "Broadcasts kept of history:*.")
    private int history = 100;

    /** The seconds for the drain, the close and the leave of the cluster. */
    @Option(names = "--stop-timeout", hidden = true, defaultValue = "40", description = "Seconds until a halt.")
    private int stopTimeout = 40;

    /** The dashboard that is served. */
    private @Nullable Dashboard shown;

    /** The exit status of a server that stops. */
    private volatile int status;

    @Override
    public Integer call() {
        return serve(Optional.empty(), UnaryOperator.identity(), address -> {});
    }

    /** Serves with a page and its settings; the callback gets the printed address. */
    int serve(Optional<Path> page, UnaryOperator<Endpoint.Builder> change, Consumer<String> listening) {
        check();
        Optional<Node> joined;
        try {
            joined = join();
        } catch (IllegalStateException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
        Endpoint endpoint;
        try {
            endpoint = start(page, joined, change);
        } catch (UncheckedIOException e) {
            spec.commandLine()
                    .getErr()
                    .println(
                            e instanceof PortInUseException
                                    ? e.getMessage()
                                    : e.getCause().getMessage());
            joined.ifPresent(Node::close);
            return 1;
        } catch (IllegalStateException e) {
            String why = joined.flatMap(EndedNode::close).orElseThrow(() -> e);
            spec.commandLine().getErr().println(why);
            return 1;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(endpoint, joined), "stop"));
        joined.ifPresent(with -> EndedNode.listen(with, why -> fail(why, endpoint)));
        String address = (certificate == null ? "http://" : "https://") + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + endpoint.port();
        if (Keys.isDevelopment() && isPublic()) {
            spec.commandLine()
                    .getErr()
                    .println("warning: " + host
                            + " is reached from other machines, and tokens are signed with the playground's"
                            + " development key, which everybody knows; set HELIODOR_SECRET to a secret of your own");
        }
        StartCache.line().ifPresent(spec.commandLine().getErr()::println);
        spec.commandLine().getOut().println("listening on " + address);
        if (management != null) {
            spec.commandLine()
                    .getOut()
                    .println("management on http://" + managementAddress().host() + ":" + endpoint.managementPort());
        }
        if (shown != null) {
            String at = management == null
                    ? address
                    : "http://" + managementAddress().host() + ":" + endpoint.managementPort();
            spec.commandLine().getOut().println("dashboard " + at + shown.path());
        }
        spec.commandLine().getOut().flush();
        listening.accept(address);
        return SERVING;
    }

    /** Starts the node, if the options name one. */
    Optional<Node> join() {
        return Optional.ofNullable(node).map(name -> StartedNode.of(name, cluster));
    }

    /** Starts the endpoint. */
    Endpoint start(Optional<Path> page, Optional<Node> joined, UnaryOperator<Endpoint.Builder> change) {
        return PlaygroundServer.start(
                host,
                port,
                chosenTransport(),
                history,
                Duration.ofSeconds(historyAge),
                compress,
                tokens(),
                documents == null ? DocumentStore.inMemory() : new FolderStore(documents),
                page,
                joined,
                dashboard
                        ? Optional.of(builder ->
                                shown = withActions(withToken(builder)).build())
                        : Optional.empty(),
                builder -> change.apply(edge(builder)));
    }

    private Dashboard.Builder withActions(Dashboard.Builder builder) {
        return dashboardActions ? builder.actions() : builder;
    }

    /** Sets the token of the environment, if there is one. */
    private Dashboard.Builder withToken(Dashboard.Builder builder) {
        String token = System.getenv("HELIODOR_DASHBOARD_TOKEN");
        try {
            return token == null ? builder : builder.token(token);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "HELIODOR_DASHBOARD_TOKEN: " + e.getMessage(), e);
        }
    }

    String host() {
        return host;
    }

    private boolean isPublic() {
        return !new InetSocketAddress(host, 0).getAddress().isLoopbackAddress();
    }

    int port() {
        return port;
    }

    /** Checks each option, also those that the start checks; returns the exit status of a start that ends there. */
    int checkAll() {
        check();
        Endpoint.Builder _ = edge(Endpoint.builder());
        Optional<Transport> _ = chosenTransport();
        Tokens<String> _ = tokens();
        try {
            Optional.ofNullable(node).ifPresent(name -> StartedNode.check(name, cluster));
        } catch (IllegalStateException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
        return 0;
    }

    void check() {
        if (!logLevel.matches("trace|debug|info|warn|error|off")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--log-level': '" + logLevel
                            + "' is not one of trace, debug, info, warn, error, off");
        }
        // Before the first logger, which a check of another option may make.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", logLevel);
        if (port < 0 || port > 65_535) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--port': " + port + " is not 0 to 65535");
        }
        if (history < 1 || history > 100_000) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--history': " + history + " is not 1 to 100000");
        }
        if (historyAge < 1 || historyAge > MAX_HISTORY_AGE) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--history-age': " + historyAge + " is not 1 to " + MAX_HISTORY_AGE);
        }
        if (handshakes != null && handshakes < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--handshakes-per-address': " + handshakes + " is not at least 1");
        }
        if (keepAlive != null && (keepAlive < 1 || keepAlive > MAX_KEEP_ALIVE)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--keep-alive': " + keepAlive + " is not 1 to " + MAX_KEEP_ALIVE);
        }
        if (stopTimeout < 1 || stopTimeout > 3_600) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--stop-timeout': " + stopTimeout + " is not 1 to 3600");
        }
        if (hosts != null) {
            serve(Endpoint.builder(), hosts);
        }
        if (management != null) {
            Address _ = managementAddress();
        }
        if (dashboard) {
            try (PubSub local = PubSub.local()) {
                Dashboard.Builder _ = withToken(Dashboard.over(local));
            }
        }
        if (dashboardActions && !dashboard) {
            throw new ParameterException(spec.commandLine(), "Option '--dashboard-actions' needs '--dashboard'");
        }
        if (documents != null && Files.exists(documents) && !Files.isDirectory(documents)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--documents': " + documents + " is a file, not a folder");
        }
        if ((certificate == null) != (key == null)) {
            throw new ParameterException(spec.commandLine(), "Options '--tls-cert' and '--tls-key' need each other");
        }
        if (node == null) {
            cluster.given().ifPresent(option -> {
                throw new ParameterException(spec.commandLine(), "Option '" + option + "' needs '--node'");
            });
        }
    }

    private Tokens<String> tokens() {
        try {
            return Keys.tokens();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    /** Sets the hosts that are served. */
    private void serve(Endpoint.Builder builder, String names) {
        try {
            builder.hosts(names.split(",", -1));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--hosts': " + e.getMessage(), e);
        }
    }

    private Address managementAddress() {
        return Address.parse(String.valueOf(management))
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "Invalid value for option '--management': '" + management
                                + "' is not HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090"));
    }

    private ConnectionLimits change(ConnectionLimits limits) {
        ConnectionLimits changed = keepAlive == null ? limits : limits.keepAliveTimeout(Duration.ofSeconds(keepAlive));
        return handshakes == null
                ? changed
                : changed.maxHandshakesPerAddress(handshakes).maxHandshakesOfLoopback(handshakes);
    }

    private Endpoint.Builder edge(Endpoint.Builder builder) {
        builder.limits(Limits.openInternet().connections(this::change));
        if (hosts != null) {
            serve(builder, hosts);
        }
        if (management != null) {
            Address address = managementAddress();
            builder.management(
                    address.host().replaceAll("[\\[\\]]", ""),
                    address.port(),
                    hosts == null ? new String[0] : hosts.split(",", -1));
        }
        if (certificate != null && key != null) {
            try {
                builder.tls(Tls.files(certificate, key));
            } catch (UncheckedIOException | IllegalArgumentException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "Invalid value for option '--tls-cert' or '--tls-key': " + e.getMessage(),
                        e);
            }
        }
        return builder;
    }

    private Optional<Transport> chosenTransport() {
        if (transport == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (transport) {
                    case "io_uring" -> Transport.IO_URING;
                    case "epoll" -> Transport.EPOLL;
                    case "nio" -> Transport.NIO;
                    default ->
                        throw new ParameterException(
                                spec.commandLine(),
                                "Invalid value for option '--transport': '" + transport
                                        + "' is not one of io_uring, epoll, nio");
                });
    }

    /** Stops the server when its node has ended, and with it the pub/sub: clients go to other servers. */
    private void fail(String why, Endpoint endpoint) {
        // The hook runs when the last thread of the endpoint has ended.
        status = 1;
        HaltDeadline.begin(Duration.ofSeconds(stopTimeout)); // before the line, which no process may read
        spec.commandLine().getErr().println(why);
        spec.commandLine().getErr().flush();
        end(endpoint, Optional.empty());
    }

    /** Drains and ends with status 0: a signal to stop is not a failure. */
    private void stop(Endpoint endpoint, Optional<Node> node) {
        HaltDeadline.begin(Duration.ofSeconds(stopTimeout));
        end(endpoint, node);
    }

    private void end(Endpoint endpoint, Optional<Node> node) {
        endpoint.close();
        node.ifPresent(Node::close);
        Runtime.getRuntime().halt(status);
    }
}
