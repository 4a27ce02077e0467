package io.heliodor.playground;

import io.heliodor.endpoint.Endpoint;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: the playground server with the chat page. */
@Command(
        name = "demo",
        description = "Starts the playground server with the chat page at /: open it in two windows.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "With --nodes 3 a cluster of three processes, at three ports from --port on: open their pages, write,",
            "and end one of the nodes by the command that the page shows. It starts again after 10 seconds."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int MAX_NODES = 9;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private ServeCommand serve = new ServeCommand();

    @Option(names = "--nodes", paramLabel = "N", description = "Starts a cluster of N nodes, 1 to 9.")
    private @Nullable Integer nodes;

    /** For the processes of a cluster: pages of other ports may connect, and the process ends with its standard input. */
    @Option(names = "--of-cluster", hidden = true)
    private boolean ofCluster;

    @Override
    public Integer call() throws IOException, URISyntaxException {
        if (nodes != null) {
            return startNodes(nodes);
        }
        if (ofCluster) {
            DemoCluster.endWithParent();
        }
        return serve.serve(Optional.of(page()), this::origins, this::invite);
    }

    /** The line for people. A cluster prints its own, for all nodes together. */
    private void invite(String address) {
        if (!ofCluster) {
            spec.commandLine().getErr().println("Open " + address + " in two windows. Ctrl+C stops it.");
            spec.commandLine().getErr().flush();
        }
    }

    private Endpoint.Builder origins(Endpoint.Builder builder) {
        return ofCluster ? builder.origins("127.0.0.1", "localhost", serve.host()) : builder;
    }

    /** Checks each option; returns the exit status of a start that ends there. */
    int check() {
        if (nodes != null) {
            List<String> _ = ofEachNode(nodes);
        }
        return serve.checkAll();
    }

    /** The options of each process of a cluster, after a check of all options. */
    private List<String> ofEachNode(int count) {
        serve.check();
        if (count < 1 || count > MAX_NODES) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--nodes': " + count + " is not 1 to " + MAX_NODES);
        }
        List<String> options = new ArrayList<>();
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            switch (option.longestName()) {
                case "--nodes", "--port" -> {}
                case "--node",
                        "--seeds",
                        "--cookie",
                        "--cookie-file",
                        "--cluster",
                        "--voters",
                        "--data",
                        "--management" ->
                    throw new ParameterException(
                            spec.commandLine(),
                            "Option '" + option.longestName()
                                    + "' does not go with '--nodes', which starts a cluster of its own on this machine");
                default -> {
                    options.add(option.longestName());
                    options.addAll(option.originalStringValues().stream()
                            .filter(_ -> option.arity().max() > 0)
                            .toList());
                }
            }
        }
        return options;
    }

    private int startNodes(int count) throws IOException {
        new DemoCluster(
                        count,
                        serve.port(),
                        ofEachNode(count),
                        spec.commandLine().getOut(),
                        spec.commandLine().getErr())
                .start();
        return ServeCommand.SERVING;
    }

    /** The folder of the page: in the build's output, or within the jar. */
    private static Path page() throws IOException, URISyntaxException {
        URL index = DemoCommand.class.getResource("/demo/index.html");
        if (index == null) {
            throw new IOException("the demo page is missing from this build");
        }
        URI uri = index.toURI();
        if (uri.getScheme().equals("jar")) {
            // Left open: the server reads its files until it ends.
            FileSystems.newFileSystem(uri, Map.of());
        }
        return Path.of(uri).toAbsolutePath().getParent();
    }
}
