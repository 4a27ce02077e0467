package io.heliodor.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "presence",
        description = {
            "Storm: many join one topic at once, each as another user; in the end all must hold the same.",
            "Newcomers: clients join a topic on which many are present, and leave. These many are present on a server "
                    + "without being connected to it; that server is started for it, regardless of --serve.",
            "Ready: these newcomers in turn with pushes of as many ready bytes to clients that have joined.",
            "Memory: what each of 100000 who are present costs, in one topic and in 10000."
        })
final class PresenceCommand implements Callable<Integer> {
    private static final String CROWD = "io.heliodor.benchmarks.crowd.Crowd";
    private static final Duration STORM_PATIENCE = Duration.ofSeconds(60);

    /** The time without a diff after which none follows: Phoenix waits for 1.5 s at most. */
    private static final Duration QUIET = Duration.ofSeconds(2);

    private static final int MEMORY_PRESENT = 100_000;
    private static final int MEMORY_TOPICS = 10_000;

    /** The measurements. */
    enum Part {
        STORM,
        NEWCOMERS,
        READY,
        MEMORY
    }

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--parts",
            paramLabel = "PART",
            split = ",",
            defaultValue = "storm,newcomers,ready,memory",
            description = "What to measure (${DEFAULT-VALUE}).")
    private List<Part> parts = List.of();

    @Option(names = "--connections", paramLabel = "N", description = "Clients of the storm (${DEFAULT-VALUE}).")
    private int connections = 1000;

    @Option(
            names = "--present",
            paramLabel = "N",
            split = ",",
            defaultValue = "1000,10000,100000",
            description = "How many are present when newcomers join, one after the other (${DEFAULT-VALUE}).")
    private List<Integer> present = List.of();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "20",
            description = "Newcomers a second; latency counts from the intended time (${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--newcomers",
            paramLabel = "N",
            description = "Clients that join and leave again and again, the most at once (${DEFAULT-VALUE}).")
    private int newcomers = 16;

    @Mixin
    private final TimingOptions timing = new TimingOptions(5, 5);

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "Pairs of newcomers and ready pushes for each population (${DEFAULT-VALUE}).")
    private int pairs = 5;

    @Option(
            names = "--crowd-flags",
            paramLabel = "FLAGS",
            defaultValue = "${env:HELIODOR_SERVER_FLAGS:-}",
            description = "Flags of the JVM on which the many are present. Default: HELIODOR_SERVER_FLAGS.")
    private String crowdFlags = "";

    @Override
    public Integer call() throws Exception {
        EnumSet<Part> wanted = EnumSet.copyOf(parts);
        Progress progress = Progress.onStandardError();
        Optional<PresenceResult.StormResult> storm = Optional.empty();
        List<PresenceResult.JoinsResult> joins = new ArrayList<>();
        List<PresenceResult.ReadyResult> ready = new ArrayList<>();
        List<PresenceResult.Memory> memory = new ArrayList<>();
        if (wanted.contains(Part.STORM)) {
            server.check(connections);
            try (Server running = server.start()) {
                storm = Optional.of(PresenceRun.storm(connections, STORM_PATIENCE, QUIET, running, progress));
            }
        }
        if (wanted.contains(Part.NEWCOMERS)) {
            for (int population : present) {
                try (ServerProcess running = crowd(1, population)) {
                    joins.add(PresenceRun.newcomers(
                            population, newcomers, rate, timing.warmUp(), timing.measured(), running, progress));
                }
            }
        }
        if (wanted.contains(Part.READY)) {
            for (int population : present) {
                try (ServerProcess running = crowd(1, population)) {
                    ready.add(PresenceRun.ready(
                            population, newcomers, rate, timing.warmUp(), timing.measured(), pairs, running, progress));
                }
            }
        }
        if (wanted.contains(Part.MEMORY)) {
            memory.add(memory(1, MEMORY_PRESENT));
            memory.add(memory(MEMORY_TOPICS, MEMORY_PRESENT / MEMORY_TOPICS));
        }
        PresenceResult result = new PresenceResult(settings(wanted), storm, joins, ready, memory);
        return server.print(PresenceReport.of(result), result, result.clean());
    }

    private Map<String, Object> settings(EnumSet<Part> wanted) {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (wanted.contains(Part.STORM)) {
            settings.putAll(server.settings("connections"));
        }
        if (wanted.contains(Part.NEWCOMERS) || wanted.contains(Part.READY)) {
            settings.putAll(server.settings("present", "rate", "newcomers", "seconds", "warmup"));
        }
        if (wanted.contains(Part.READY)) {
            settings.putAll(server.settings("pairs"));
        }
        return settings;
    }

    private PresenceResult.Memory memory(int topics, int each) throws IOException, RunFailed, InterruptedException {
        try (ServerProcess running = crowd(topics, each)) {
            String[] figures = running.preface().getFirst().split(" ", -1);
            double all = (double) topics * each;
            return new PresenceResult.Memory(
                    topics, each, Long.parseLong(figures[1]) / all, Long.parseLong(figures[2]) / all);
        }
    }

    private ServerProcess crowd(int topics, int each) throws IOException, RunFailed, InterruptedException {
        return ServerProcess.start(OwnServer.command(crowdFlags, CROWD, topics, each));
    }
}
