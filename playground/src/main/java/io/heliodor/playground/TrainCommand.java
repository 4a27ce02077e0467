package io.heliodor.playground;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.limit.Limits;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.playground.node.CookieCommand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
    private static final int KEPT = 100;
    private static final Duration AGE = Duration.ofMinutes(5);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Cookie cookie = Cookie.of(CookieCommand.fresh());
        Node first = node("first", cookie).start();
        Node second = node("second", cookie).seeds(HOST + ":" + first.port()).start();
        List<Endpoint> endpoints = List.of(serve(first), serve(second));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(endpoints, List.of(first, second)), "stop"));
        String addresses = endpoints.stream()
                .map(endpoint -> "http://" + HOST + ":" + endpoint.port())
                .collect(Collectors.joining(","));
        spec.commandLine().getOut().println("listening on " + addresses);
        spec.commandLine().getOut().flush();
        return ServeCommand.SERVING;
    }

    private static Node.Builder node(String name, Cookie cookie) {
        return Node.builder(name + "@" + HOST).cluster("training").bind(HOST, 0).cookie(cookie);
    }

    private static Endpoint serve(Node node) {
        return PlaygroundServer.start(
                HOST,
                0,
                Optional.empty(),
                KEPT,
                AGE,
                false,
                Keys.tokens(),
                Optional.empty(),
                Optional.of(node),
                builder -> builder.limits(Limits.openInternet()));
    }

    private static void stop(List<Endpoint> endpoints, List<Node> nodes) {
        HaltDeadline.begin(END);
        endpoints.forEach(Endpoint::close);
        nodes.forEach(Node::close);
        Runtime.getRuntime().halt(0);
    }
}
