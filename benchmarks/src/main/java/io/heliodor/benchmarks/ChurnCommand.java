package io.heliodor.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "churn",
        description = {
            "Connections in rooms with presence and a history. One member of each room talks; the others leave at a rate, "
                    + "every other one abruptly, and come back with their last token.",
            "Each message is due to each member of its room once and in order, also if the member was away. Latency, the "
                    + "server's pauses and its memory. The server is started with the options of --jvm.",
        })
final class ChurnCommand implements Callable<Integer> {
    private static final int RAMP = 2_000;
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final JvmOptions jvm = new JvmOptions();

    @Option(names = "--connections", paramLabel = "N", description = "Clients (${DEFAULT-VALUE}).")
    private int connections = 15_000;

    @Option(names = "--members", paramLabel = "N", description = "Members of a room, 2 or more (${DEFAULT-VALUE}).")
    private int members = 10;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Messages a second, each to all members of a room (${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--churn",
            paramLabel = "N",
            defaultValue = "100",
            description = "Members that leave in a second (${DEFAULT-VALUE}).")
    private double churn;

    @Option(
            names = "--away",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Time until one that left comes back (${DEFAULT-VALUE}).")
    private Duration away = Duration.ZERO;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            converter = Values.Payload.class,
            description = "Length of a payload (${DEFAULT-VALUE}).")
    private int payload = 100;

    @Mixin
    private final TimingOptions timing = new TimingOptions(20, 60);

    @Override
    public Integer call() throws Exception {
        output.checkFiles(connections);
        if (members < 2 || members > connections) {
            throw output.wrong("--members " + members + " is not from 2 to the " + connections + " of --connections");
        }
        Plan plan = new Plan(
                connections, 0, connections / members, payload, RAMP, timing.warmUp(), timing.measured(), HEARTBEAT);
        Path log = Files.createTempFile("heliodor-churn", ".log");
        try (Server server = ServerProcess.start(jvm.server(Pauses.option(log)))) {
            Map<String, Object> settings =
                    output.settings("connections", "members", "rate", "churn", "away", "payload", "seconds", "warmup");
            settings.put("jvm", jvm.given());
            ChurnResult result = ChurnRun.of(
                    settings, plan, rate, churn, away, server, Optional.of(log), Progress.onStandardError());
            return output.print(result.text(), result, result.clean());
        } finally {
            Files.delete(log);
        }
    }
}
