package io.heliodor.playground;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.Node;
import io.heliodor.playground.node.CookieCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code train}: two servers of one cluster in one process, for the run by which the launcher makes the start cache. It prints both
 * addresses.
 */
@Command(name = "train", hidden = true, description = "Two servers of one cluster, to make the start cache.")
final class TrainCommand implements Callable<Integer> {
    private static final String HOST = "127.0.0.1";
    private static final Duration END = Duration.ofSeconds(20);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** A server with the defaults of {@code serve}, and its node. */
    private record Server(Node node, Endpoint endpoint) {
        static Server start(String name, String cookie, String... more) {
            List<String> options = new ArrayList<>(List.of(
                    "--port=0", "--node=" + name + "@" + HOST + ":0", "--cluster=training", "--cookie=" + cookie));
            options.addAll(List.of(more));
            ServeCommand serve = CommandLine.populateCommand(new ServeCommand(), options.toArray(String[]::new));
            Node node = serve.join().orElseThrow();
            return new Server(node, serve.start(Optional.empty(), Optional.of(node), UnaryOperator.identity()));
        }
    }

    @Override
    public Integer call() {
        String cookie = CookieCommand.fresh();
        Server first = Server.start("first", cookie);
        Server second = Server.start(
                "second", cookie, "--seeds=" + HOST + ":" + first.node().port());
        List<Server> servers = List.of(first, second);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(servers), "stop"));
        String addresses = servers.stream()
                .map(server -> "http://" + HOST + ":" + server.endpoint().port())
                .collect(Collectors.joining(","));
        spec.commandLine().getOut().println("listening on " + addresses);
        spec.commandLine().getOut().flush();
        return ServeCommand.SERVING;
    }

    private static void stop(List<Server> servers) {
        HaltDeadline.begin(END);
        servers.forEach(server -> server.endpoint().close());
        servers.forEach(server -> server.node().close());
        Runtime.getRuntime().halt(0);
    }
}
