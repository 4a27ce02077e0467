package io.heliodor.playground.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code node}: a cluster node that reads commands. */
@Command(
        name = "node",
        description = "Starts a cluster node that reads commands from standard input, one a line.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Commands:",
            "  self, members, health, stats, quit",
            "  connect HOST:PORT, disconnect, ping NODE",
            "  register NAME, unregister NAME, lookup NAME, names",
            "  send NAME TEXT, call NAME TEXT [MS], inbox NAME",
            "  stop NAME [normal|crash], monitor NAME",
            "  join GROUP, leave GROUP, group GROUP, broadcast GROUP TEXT",
            "  serve echo|node|sleep|fail, rpc NODE PROCEDURE JSON [MS]",
            "  campaign ELECTION, resign ELECTION, leader ELECTION",
            "  put KEY VALUE, get KEY, metadata NODE",
            "  subscribe TOPIC, publish TOPIC TEXT",
            "",
            "MS is 5000 where it is left out.",
            "The end of input, quit and SIGTERM leave the cluster.",
            "Not yet there: track, untrack, present."
        })
public final class NodeCommand implements Callable<Integer> {
    private static final int REFUSED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME@HOST[:PORT]",
            description = "Name of the node; it listens there, on port " + NodeOptions.DEFAULT_PORT
                    + " if none is given, on a free one if it is 0.")
    private String name = "";

    @Option(
            names = "--cookie",
            paramLabel = "SECRET",
            description = "Secret of the cluster. Other users of this machine can read it here.")
    private @Nullable String cookie;

    @Option(
            names = "--cookie-file",
            paramLabel = "FILE",
            description = "A file that holds the secret. Without both it is taken from HELIODOR_COOKIE.")
    private @Nullable Path cookieFile;

    @Option(names = "--cluster", paramLabel = "NAME", description = "Name of the cluster.")
    private @Nullable String cluster;

    @Option(
            names = "--seeds",
            paramLabel = "HOST:PORT,...",
            description = "Nodes to ask for the others; they need not be up.")
    private @Nullable String seeds;

    @Option(
            names = "--voters",
            paramLabel = "NAME@HOST,...",
            description = "The nodes that decide on names and leaders, the same list on each.")
    private @Nullable String voters;

    @Option(names = "--data", paramLabel = "DIR", description = "Where a voter keeps its log.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    private final ShellNode.Start start;
    private final Map<String, String> environment;
    private final InputStream in;
    private final OutputStream out;

    /** Made by picocli. */
    public NodeCommand() {
        this(ClusterNode::start, System.getenv(), System.in, System.out);
    }

    NodeCommand(ShellNode.Start start, Map<String, String> environment, InputStream in, OutputStream out) {
        this.start = start;
        this.environment = environment;
        this.in = in;
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        return switch (options()) {
            case Result.Failed<NodeOptions>(ErrorCode code, String message) -> refused(err, code, message);
            case Result.Ok<NodeOptions>(NodeOptions options) -> start(options, err);
        };
    }

    private int start(NodeOptions options, PrintWriter err) throws IOException, InterruptedException {
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        }
        Printer printer = new Printer(out, json ? Json::line : Prose::of);
        Leaving leaving = Leaving.onSigterm(printer);
        HeldErrors errors = HeldErrors.hold();
        Result<ShellNode> started;
        try {
            started = start.start(options, event -> printer.event(EventLines.of(event)));
        } catch (RuntimeException | InterruptedException e) {
            errors.release();
            throw e;
        }
        switch (started) {
            case Result.Failed<ShellNode>(ErrorCode code, String message) -> {
                errors.drop();
                leaving.never();
                return refused(err, code, message);
            }
            case Result.Ok<ShellNode>(ShellNode node) -> {
                leaving.of(node);
                printer.start(EventLines.started(node.name(), node.port()));
                errors.release();
                node.onEnd((code, why) -> {
                    int status = refused(err, code, why);
                    Runtime.getRuntime().halt(status); // the shell waits for input, and nothing is left to be closed
                });
                try {
                    new Shell(node, printer).run(new LineReader(in, LineReader.MOST));
                } finally {
                    leaving.now();
                }
                return 0;
            }
        }
    }

    private static int refused(PrintWriter err, ErrorCode code, String message) {
        err.println(code.text() + ": " + message.replaceAll("\\R", " "));
        err.flush();
        return REFUSED;
    }

    /** Fails where it is the node that is refused; bad options are an exception. */
    private Result<NodeOptions> options() throws IOException {
        if (cookie != null && cookieFile != null) {
            throw wrong("--cookie-file", "is not for use together with --cookie");
        }
        if (voters != null && data == null) {
            throw wrong("--voters", "needs --data, where the log is kept");
        }
        List<Address> seedAddresses = seeds();
        Optional<NodeName> named = NodeName.parse(name);
        if (named.isEmpty()) {
            return Result.failed(ErrorCode.BAD_NAME, "'" + name + "' is not NAME@HOST or NAME@HOST:PORT");
        }
        return switch (cookie()) {
            case Result.Failed<String>(ErrorCode code, String message) -> Result.failed(code, message);
            case Result.Ok<String>(String secret) ->
                Result.ok(new NodeOptions(
                        named.get().name(),
                        named.get().bind(),
                        secret,
                        Optional.ofNullable(cluster),
                        seedAddresses,
                        voters == null ? List.of() : List.of(voters.split(",", -1)),
                        Optional.ofNullable(data)));
        };
    }

    private List<Address> seeds() {
        List<Address> addresses = new ArrayList<>();
        if (seeds != null) {
            for (String seed : seeds.split(",", -1)) {
                addresses.add(Address.parse(seed)
                        .filter(address -> address.port() > 0)
                        .orElseThrow(() -> wrong("--seeds", "'" + seed + "' is not HOST:PORT")));
            }
        }
        return addresses;
    }

    private Result<String> cookie() {
        if (cookieFile != null) {
            try {
                return Result.ok(Files.readString(cookieFile).strip());
            } catch (IOException e) {
                return Result.failed(ErrorCode.BAD_COOKIE, "cannot read " + cookieFile + " (" + e + ")");
            }
        }
        return Optional.ofNullable(cookie)
                .or(() -> Optional.ofNullable(environment.get("HELIODOR_COOKIE")))
                .map(Result::ok)
                .orElseGet(() -> Result.failed(
                        ErrorCode.BAD_COOKIE, "there is none; give --cookie-file, HELIODOR_COOKIE or --cookie"));
    }

    private ParameterException wrong(String option, String why) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + why);
    }
}
