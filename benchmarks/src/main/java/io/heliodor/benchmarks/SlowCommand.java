package io.heliodor.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "slow", description = "Fan-out at a fixed rate while some members stop reading.")
final class SlowCommand implements Callable<Integer> {
    private static final int WINDOW = 4096;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final RunOptions options = new RunOptions();

    @Option(
            names = "--connections",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "40",
            description = "Clients, all in one topic (${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--stalled",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "10",
            description = "How many of them stop reading (${DEFAULT-VALUE}).")
    private int stalled;

    @Option(
            names = "--rate",
            paramLabel = "N",
            converter = Values.Rate.class,
            defaultValue = "1500",
            description = "Broadcasts a second (${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            defaultValue = "1000",
            description = "Length of a payload (${DEFAULT-VALUE}).")
    private int payload;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            converter = Values.Seconds.class,
            defaultValue = "17",
            description = "How long (${DEFAULT-VALUE}).")
    private Duration seconds = Duration.ZERO;

    @Override
    public Integer call() throws Exception {
        if (stalled >= connections) {
            throw new ParameterException(
                    spec.commandLine(), "--stalled " + stalled + " leaves none of --connections " + connections);
        }
        Load load = new Load(WINDOW, rate);
        Plan plan =
                new Plan(connections, stalled, 1, payload, options.ramp(), Duration.ZERO, seconds, options.heartbeat());
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("connections", connections);
        settings.put("stalled", stalled);
        settings.put("payload", payload);
        settings.put("rate", rate);
        settings.put("seconds", Values.seconds(seconds));
        return options.run(server, new Trial("slow", "deliveries", settings, plan, () -> new Fanout(plan, load)));
    }
}
