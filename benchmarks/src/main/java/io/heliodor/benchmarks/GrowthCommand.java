package io.heliodor.benchmarks;

import io.heliodor.benchmarks.traffic.TrafficServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "growth",
        description = {
            "The server's CPU for an arrival by size, against the smallest size: one table for each dimension.",
            "Members: of one topic. Topics: of 100 clients, each the only member of its own; it broadcasts to them in turn. "
                    + "History: broadcasts that a topic of 10 keeps. Present: newcomers, which get the state, and changes of "
                    + "presences, which 10 members get as diffs. Nodes: deliveries to 1000 members over the nodes of a cluster.",
            "The sizes of a dimension run in turn, on one server that is started for it; nodes on servers by --serve.",
        })
final class GrowthCommand implements Callable<Integer> {
    private static final int SMALL_TOPIC = 10;
    private static final int NODE_MEMBERS = 1_000;
    private static final int MAX_NODES = 16;
    private static final int MAX_TOPICS = 100_000;
    private static final int NEWCOMERS = 16;
    private static final Duration SETTLE = Duration.ofMillis(500);
    private static final Load ONE_IN_FLIGHT = new Load(1, 0);

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final JvmOptions jvm = new JvmOptions();

    /** A dimension. */
    enum Part {
        MEMBERS,
        TOPICS,
        HISTORY,
        PRESENT,
        NODES
    }

    @Option(
            names = "--parts",
            paramLabel = "PART",
            split = ",",
            defaultValue = "members,topics,history,present,nodes",
            description = "The dimensions to measure (${DEFAULT-VALUE}).")
    private List<Part> parts = List.of();

    @Option(
            names = "--members",
            paramLabel = "N",
            split = ",",
            defaultValue = "10,100,1000",
            description = "Members of a topic (${DEFAULT-VALUE}).")
    private List<Integer> members = List.of();

    @Option(
            names = "--topics",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,1000,10000",
            description = "Topics, multiples of 100 up to 100000 (${DEFAULT-VALUE}).")
    private List<Integer> topics = List.of();

    @Option(
            names = "--history",
            paramLabel = "N",
            split = ",",
            defaultValue = "10,100,1000",
            description = "Broadcasts that are kept: 10, 100, 1000 or 10000 (${DEFAULT-VALUE}).")
    private List<Integer> history = List.of();

    @Option(
            names = "--present",
            paramLabel = "N",
            split = ",",
            defaultValue = "10,100,1000",
            description = "Presences of a topic (${DEFAULT-VALUE}).")
    private List<Integer> present = List.of();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2",
            description = "Nodes, up to 16 (${DEFAULT-VALUE}).")
    private List<Integer> nodes = List.of();

    @Option(
            names = "--node-topics",
            paramLabel = "N",
            description = "Topics of the part nodes, over which 1000 members are spread (${DEFAULT-VALUE}).")
    private int nodeTopics = 100;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Newcomers a second of the part present (${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--rounds", paramLabel = "N", description = "Runs of each size (${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Mixin
    private final TimingOptions timing = new TimingOptions(3, 1.5);

    private final Progress progress = Progress.onStandardError();
    private final List<CostResult.Group> groups = new ArrayList<>();

    /** A run of one size on a server, with its warm-up and measured time. */
    private interface Sized {
        Cost.Sample run(Server on, int size, Duration before, Duration measured) throws IOException, RunFailed;
    }

    /** A run of one size. */
    private interface OfSize {
        Cost.Sample run(int size) throws IOException, RunFailed, InterruptedException;
    }

    @Override
    public Integer call() throws Exception {
        check();
        for (Part part : parts) {
            switch (part) {
                case MEMBERS -> measure("members", members, this::members);
                case TOPICS -> measure("topics", topics, this::manyTopics);
                case HISTORY -> measure("history", history, this::kept);
                case PRESENT -> {
                    measure("present, a join", present, this::newcomers);
                    measure("present, a change", present, this::changes);
                }
                case NODES -> nodes();
            }
        }
        CostResult result = new CostResult("growth", server.settings("rounds", "seconds", "warmup"), groups, List.of());
        return server.print(result.text(), result, result.clean());
    }

    private void check() {
        members.forEach(size -> server.checkFiles(size));
        if (topics.stream().anyMatch(size -> size % ManyTopics.CLIENTS != 0 || size > MAX_TOPICS)) {
            throw server.wrong(
                    "--topics " + topics + ": each is a multiple of " + ManyTopics.CLIENTS + " up to " + MAX_TOPICS);
        }
        if (!TrafficServer.KEPT.containsAll(history)) {
            throw server.wrong("--history " + history + ": each is one of " + TrafficServer.KEPT);
        }
        if (nodes.stream().anyMatch(size -> size > MAX_NODES)) {
            throw server.wrong("--nodes " + nodes + ": each is at most " + MAX_NODES);
        }
        if (parts.contains(Part.NODES)) {
            server.check(NODE_MEMBERS);
        }
    }

    /** Measures all sizes on one server. */
    private void measure(String name, List<Integer> sizes, Sized load)
            throws IOException, RunFailed, InterruptedException {
        List<Integer> sorted = sizes.stream().sorted().toList();
        try (Server on = ServerProcess.start(jvm.server(""))) {
            for (int size : sorted) {
                Cost.Sample _ = load.run(on, size, timing.warmUp(), SETTLE);
            }
            add(name, sorted, size -> load.run(on, size, SETTLE, timing.measured()));
        }
    }

    /** Runs the sizes in turn. */
    private void add(String name, List<Integer> sizes, OfSize run) throws IOException, RunFailed, InterruptedException {
        List<Cost.Variant> variants = sizes.stream()
                .map(size -> new Cost.Variant(String.format(Locale.ROOT, "  %,d", size), () -> run.run(size)))
                .toList();
        CostResult.Group group = new CostResult.Group(name, Cost.of(rounds, variants));
        server.err(new CostResult("growth", Map.of(), List.of(group), List.of()).text());
        groups.add(group);
    }

    private static Plan plan(int connections, int topics, Duration before, Duration measured) {
        return Plan.of(connections, topics, Plan.PAYLOAD, before, measured);
    }

    private Cost.Sample run(Server on, Plan plan, Supplier<Scenario> scenario) throws IOException, RunFailed {
        return Cost.Sample.of(Run.of(new Trial("growth", "arrivals", Map.of(), plan, scenario), on, progress));
    }

    private Cost.Sample members(Server on, int size, Duration before, Duration measured) throws IOException, RunFailed {
        Plan plan = plan(size, 1, before, measured);
        return run(on, plan, () -> new Fanout(plan, ONE_IN_FLIGHT));
    }

    private Cost.Sample manyTopics(Server on, int size, Duration before, Duration measured)
            throws IOException, RunFailed {
        Plan plan = plan(ManyTopics.CLIENTS, size, before, measured);
        return run(on, plan, () -> new ManyTopics(plan));
    }

    private Cost.Sample kept(Server on, int size, Duration before, Duration measured) throws IOException, RunFailed {
        Plan plan = plan(SMALL_TOPIC, 1, before, measured);
        return run(on, plan, () -> new Fanout(plan, ONE_IN_FLIGHT, Traffic.KEPT, 1, size));
    }

    private Cost.Sample changes(Server on, int size, Duration before, Duration measured) throws IOException, RunFailed {
        Plan plan = plan(SMALL_TOPIC, 1, before, measured);
        return run(on, plan, () -> new Echo(plan, ONE_IN_FLIGHT, Traffic.CHANGE, size));
    }

    private Cost.Sample newcomers(Server on, int size, Duration before, Duration measured)
            throws IOException, RunFailed {
        String topic = Traffic.CHANGE.topic(size);
        return Cost.Sample.of(PresenceRun.newcomers(topic, size, NEWCOMERS, rate, before, measured, on, progress));
    }

    /** Each run has servers of its own: idle nodes need processors, too. */
    private void nodes() throws IOException, RunFailed, InterruptedException {
        Plan plan = plan(NODE_MEMBERS, nodeTopics, timing.warmUp(), timing.measured());
        add("nodes", nodes.stream().sorted().toList(), size -> {
            try (Server on = size == 1 ? server.start() : NodeServers.start(server.name(), size)) {
                return run(on, plan, () -> new Fanout(plan, ONE_IN_FLIGHT));
            }
        });
    }
}
