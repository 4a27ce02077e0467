package io.heliodor.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "echo", description = "Every client sends requests and gets replies.")
final class EchoCommand implements Callable<Integer> {
    @Mixin
    private final RunOptions options = new RunOptions();

    @Mixin
    private final LoadOptions loadOptions = new LoadOptions();

    @Option(
            names = "--connections",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "200",
            description = "Clients (${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--topics",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "1",
            description = "Topics, over which the clients are spread (${DEFAULT-VALUE}).")
    private int topics;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            defaultValue = "100",
            description = "Length of a payload; it needs about 40 for its numbers (${DEFAULT-VALUE}).")
    private int payload;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            converter = Values.Seconds.class,
            defaultValue = "5",
            description = "Measured time (${DEFAULT-VALUE}).")
    private Duration seconds = Duration.ZERO;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            converter = Values.Seconds.class,
            defaultValue = "2",
            description = "Load before the measured time (${DEFAULT-VALUE}).")
    private Duration warmUp = Duration.ZERO;

    @Override
    public Integer call() throws Exception {
        Load load = loadOptions.load();
        int used = Math.min(topics, connections);
        Plan plan = new Plan(connections, 0, used, payload, options.ramp(), warmUp, seconds, options.heartbeat());
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("connections", connections);
        settings.put("topics", used);
        settings.put("payload", payload);
        settings.put("window", load.window());
        settings.put("rate", load.rate());
        settings.put("seconds", Values.seconds(seconds));
        settings.put("warmup", Values.seconds(warmUp));
        return options.run(new Trial("echo", "replies", settings, plan, () -> new Echo(plan, load)));
    }
}
