package io.heliodor.benchmarks;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "slow", description = "Fan-out at a fixed rate while some members stop reading.")
final class SlowCommand implements Callable<Integer> {
    private static final int WINDOW = 4096;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions options = new RunOptions();

    @Option(names = "--connections", paramLabel = "N", description = "Clients, all in one topic (${DEFAULT-VALUE}).")
    private int connections = 40;

    @Option(names = "--stalled", paramLabel = "N", description = "How many of them stop reading (${DEFAULT-VALUE}).")
    private int stalled = 10;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1500",
            description = "Broadcasts a second (${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            description = "Length of a payload (${DEFAULT-VALUE}).")
    private int payload = 1000;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "17", description = "How long (${DEFAULT-VALUE}).")
    private Duration seconds = Duration.ZERO;

    @Override
    public Integer call() throws Exception {
        if (stalled >= connections) {
            throw server.wrong("--stalled " + stalled + " leaves none of --connections " + connections);
        }
        Load load = new Load(WINDOW, rate);
        Plan plan =
                new Plan(connections, stalled, 1, payload, options.ramp(), Duration.ZERO, seconds, options.heartbeat());
        Map<String, Object> settings = server.settings("connections", "stalled", "payload", "rate", "seconds");
        return options.run(server, new Trial("slow", "deliveries", settings, plan, () -> new Fanout(plan, load)));
    }
}
