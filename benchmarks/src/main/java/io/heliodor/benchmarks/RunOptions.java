package io.heliodor.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The common options of subcommands that run one trial, in addition to the server: rate of connections and duration. */
final class RunOptions {
    @Option(
            names = "--compare",
            paramLabel = "CMD",
            description = "Run in turn against the server that CMD starts and print the ratios.")
    private @Nullable String compare;

    @Option(names = "--pairs", paramLabel = "N", description = "Pairs of runs with --compare (${DEFAULT-VALUE}).")
    private int pairs = 3;

    @Option(
            names = "--ramp",
            paramLabel = "N",
            description = "Connections opened a second, at most (${DEFAULT-VALUE}).")
    private int ramp = 5000;

    @Option(
            names = "--heartbeat",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Time between two heartbeats of a connection (${DEFAULT-VALUE}).")
    private Duration heartbeat = Duration.ZERO;

    int ramp() {
        return ramp;
    }

    Duration heartbeat() {
        return heartbeat;
    }

    /** Runs a trial by the options, prints the result, and returns the exit status. */
    int run(ServerOptions server, Trial trial) throws IOException, RunFailed, InterruptedException {
        server.check(trial.plan().connections());
        if (heartbeat.isZero()) {
            throw server.wrong("--heartbeat must be more than 0 seconds");
        }
        Progress progress = Progress.onStandardError();
        String second = compare;
        if (second == null) {
            RunResult result = against(trial, server.start(), progress);
            return server.print(TextReport.of(result), result, result.clean());
        }
        List<Comparison.Pair> done = Comparison.pairs(
                pairs,
                () -> reported(server, against(trial, server.start(), progress)),
                () -> reported(server, against(trial, ServerProcess.start(second), progress)));
        String figure = done.getFirst().a().arrivals().isPresent()
                ? trial.counted() + " a server CPU second"
                : "bytes a connection";
        Comparison comparison = Comparison.of(figure, server.name(), second, done);
        return server.print(comparison.text(), comparison, comparison.clean());
    }

    private static RunResult reported(ServerOptions to, RunResult result) {
        to.err(TextReport.of(result));
        return result;
    }

    static RunResult against(Trial trial, Server server, Progress progress) throws IOException, RunFailed {
        try (server) {
            return Run.of(trial, server, progress);
        }
    }
}
