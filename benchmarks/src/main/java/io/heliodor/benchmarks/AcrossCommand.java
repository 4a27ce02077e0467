package io.heliodor.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "across",
        description = {
            "Servers that are nodes of one cluster, against one server alone, in runs that alternate.",
            "Delivery: from a client to another one of another node. Fanout, topics: deliveries for each second of the "
                    + "CPU of all nodes, to one topic and to topics of ten. Kept: broadcasts with a history against plain "
                    + "ones. Presence: how soon another node shows a join. Bytes: what goes between two nodes. Nodes: "
                    + "many that start at once, idle, and lose one.",
        })
final class AcrossCommand implements Callable<Integer> {
    private static final String BYTES = "io.heliodor.benchmarks.across.NodeBytes";
    private static final int MEMBERS = 1_000;
    private static final int TOPICS = 100;
    /** More than wait at this rate on a server that is warm. */
    private static final int IN_FLIGHT = 64;

    /** A topic is quiet when nothing changes for 75 ms. */
    private static final double JOINS = 4;

    private static final Duration IDLE = Duration.ofSeconds(10);

    /** A figure or a few. */
    enum Part {
        DELIVERY,
        FANOUT,
        TOPICS,
        KEPT,
        PRESENCE,
        BYTES,
        NODES
    }

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--parts",
            paramLabel = "PART",
            split = ",",
            defaultValue = "delivery,fanout,topics,kept,presence,bytes,nodes",
            description = "The figures to measure (${DEFAULT-VALUE}).")
    private List<Part> parts = List.of();

    @Option(names = "--nodes", paramLabel = "N", description = "Nodes of a fan-out (${DEFAULT-VALUE}).")
    private int nodes = 3;

    @Option(names = "--many", paramLabel = "N", description = "Nodes of the part nodes (${DEFAULT-VALUE}).")
    private int many = 10;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "Messages a second of the part delivery (${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--pairs", paramLabel = "N", description = "Pairs of runs of each comparison (${DEFAULT-VALUE}).")
    private int pairs = 5;

    @Mixin
    private final TimingOptions timing = new TimingOptions(3, 3);

    @Option(
            names = "--flags",
            paramLabel = "FLAGS",
            defaultValue = "${env:HELIODOR_SERVER_FLAGS:-}",
            description = "Flags of the JVM of the part bytes. Default: HELIODOR_SERVER_FLAGS.")
    private String flags = "";

    private final Progress progress = Progress.onStandardError();

    /** Starts a server, or several. */
    private interface Start {
        Server start() throws IOException, RunFailed, InterruptedException;
    }

    @Override
    public Integer call() throws Exception {
        server.check(MEMBERS);
        EnumSet<Part> wanted = EnumSet.copyOf(parts);
        AcrossResult.Delivery delivery = wanted.contains(Part.DELIVERY) ? delivery() : null;
        List<Comparison> comparisons = new ArrayList<>();
        if (wanted.contains(Part.FANOUT)) {
            comparisons.add(fanout("fan-out to 1 topic", Traffic.SHOUT, Traffic.SHOUT, 1, 1));
            comparisons.add(fanout("the same, four in flight", Traffic.SHOUT, Traffic.SHOUT, 1, 4));
        }
        if (wanted.contains(Part.TOPICS)) {
            comparisons.add(fanout("fan-out to topics of 10", Traffic.SHOUT, Traffic.SHOUT, TOPICS, 1));
        }
        if (wanted.contains(Part.KEPT)) {
            comparisons.add(fanout("kept", Traffic.KEPT, Traffic.SHOUT, 1, 1));
            comparisons.add(fanout("kept, four in flight", Traffic.KEPT, Traffic.SHOUT, 1, 4));
        }
        PresenceResult.@Nullable JoinsResult presence = wanted.contains(Part.PRESENCE) ? presence() : null;
        List<String> bytes = wanted.contains(Part.BYTES) ? bytes() : List.of();
        AcrossResult.@Nullable Cluster cluster = wanted.contains(Part.NODES) ? cluster() : null;
        AcrossResult result = new AcrossResult(
                server.settings("nodes", "pairs", "rate", "seconds", "warmup"),
                Optional.ofNullable(delivery),
                comparisons,
                Optional.ofNullable(presence),
                bytes,
                Optional.ofNullable(cluster));
        return server.print(result.text(), result, result.clean());
    }

    private Start cluster(int count) {
        return () -> NodeServers.start(server.name(), count);
    }

    private Trial trial(Traffic traffic, int connections, int topics, Load load) {
        Plan plan = timing.plan(connections, topics, Plan.PAYLOAD);
        return new Trial("across", "deliveries", Map.of(), plan, () -> new Fanout(plan, load, traffic, 1));
    }

    private AcrossResult.Delivery delivery() throws IOException, RunFailed, InterruptedException {
        Trial trial = trial(Traffic.WHISPER, 2, 1, new Load(IN_FLIGHT, rate));
        List<RunResult> across = new ArrayList<>();
        List<RunResult> alone = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            across.add(RunOptions.against(trial, cluster(2).start(), progress));
            alone.add(RunOptions.against(trial, server.start(), progress));
        }
        return new AcrossResult.Delivery(across, alone);
    }

    /** Over several nodes against the reference: the same on one, or for a kept broadcast a plain one on as many. */
    private Comparison fanout(String name, Traffic traffic, Traffic reference, int topics, int window)
            throws IOException, RunFailed, InterruptedException {
        Start alone = traffic == reference ? server::start : cluster(nodes);
        Load load = new Load(window, 0);
        List<Comparison.Pair> done = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            RunResult a = RunOptions.against(
                    trial(traffic, MEMBERS, topics, load), cluster(nodes).start(), progress);
            RunResult b = RunOptions.against(trial(reference, MEMBERS, topics, load), alone.start(), progress);
            done.add(Comparison.Pair.of(a, b));
        }
        String against = traffic == reference ? "one server" : "plain ones";
        Comparison compared = Comparison.of("deliveries a CPU second", name, against, done);
        server.err(EventsResult.line(compared));
        return compared;
    }

    private PresenceResult.JoinsResult presence() throws IOException, RunFailed, InterruptedException {
        try (Server running = cluster(2).start()) {
            return PresenceRun.newcomers(
                    0, 1, JOINS, timing.warmUp(), timing.measured().multipliedBy(pairs), running, progress);
        }
    }

    private List<String> bytes() throws IOException, RunFailed, InterruptedException {
        try (ServerProcess program = ServerProcess.start(OwnServer.command(flags, BYTES))) {
            return List.copyOf(program.preface());
        }
    }

    private AcrossResult.Cluster cluster() throws IOException, RunFailed, InterruptedException {
        long from = System.nanoTime();
        try (NodeServers all = NodeServers.start(server.name(), many)) {
            double started = (System.nanoTime() - from) / 1e9;
            Thread.sleep(IDLE);
            Meter meter = new Meter(all.pids());
            Meter.Reading before = meter.read();
            Thread.sleep(IDLE);
            Meter.Reading after = meter.read();
            double idle = after.serverCpuSince(before).orElse(0.0) / many / IDLE.toSeconds();
            double memory = after.serverMemory().orElse(0L) / (double) many;
            return new AcrossResult.Cluster(
                    many, started, 1e3 * idle, memory, all.untilDeathIsKnown().toNanos() / 1e9);
        }
    }
}
