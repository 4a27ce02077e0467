package io.heliodor.benchmarks;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "idle", description = "Many clients join and stay; the server's memory for each of them.")
final class IdleCommand implements Callable<Integer> {
    private static final int PAYLOAD = 100;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions options = new RunOptions();

    @Option(names = "--connections", paramLabel = "N", description = "Clients (${DEFAULT-VALUE}).")
    private int connections = 15_000;

    @Option(
            names = "--topics",
            paramLabel = "N",
            description = "Topics, over which the clients are spread (${DEFAULT-VALUE}).")
    private int topics = 1;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long they stay (${DEFAULT-VALUE}).")
    private Duration seconds = Duration.ZERO;

    @Override
    public Integer call() throws Exception {
        int used = Math.min(topics, connections);
        Plan plan =
                new Plan(connections, 0, used, PAYLOAD, options.ramp(), Duration.ZERO, seconds, options.heartbeat());
        Map<String, Object> settings = server.settings("connections", "topics", "ramp", "heartbeat", "seconds");
        settings.put("topics", used);
        return options.run(server, new Trial("idle", "heartbeats", settings, plan, () -> new Idle(plan)));
    }
}
