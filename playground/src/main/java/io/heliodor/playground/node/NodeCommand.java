package io.heliodor.playground.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  track TOPIC KEY, untrack TOPIC KEY, present TOPIC, help",
            "",
            "MS is 5000 where it is left out.",
            "The end of input, quit and SIGTERM leave the cluster."
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

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    private final ShellNode.Start start;
    private final Map<String, String> environment;
    private final InputStream in;
    private final OutputStream out;

    /** Created by picocli. */
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
        return switch (cluster.of(name, environment)) {
            case Result.Failed<NodeOptions>(ErrorCode code, String message) -> refused(err, code, message);
            case Result.Ok<NodeOptions>(NodeOptions options) -> start(options, err);
        };
    }

    private int start(NodeOptions options, PrintWriter err) throws IOException, InterruptedException {
        Printer printer = new Printer(out, json ? Json::line : PlainText::of);
        GracefulLeave leaving = GracefulLeave.onSigterm(printer);
        BufferedStderr errors = BufferedStderr.install();
        Result<ShellNode> started;
        try {
            started = start.start(options, event -> printer.event(EventLines.of(event)));
        } catch (RuntimeException | InterruptedException e) {
            errors.release();
            leaving.never();
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
                    new Shell(node, printer).run(new LineReader(in, LineReader.MAX_CHARACTERS));
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
}
