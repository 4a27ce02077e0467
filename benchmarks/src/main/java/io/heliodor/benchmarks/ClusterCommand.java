package io.heliodor.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cluster",
        description = {
            "Nodes of a cluster on this machine, each a process of its own, and bare channels of JGroups with the same "
                    + "protocols beneath them, in turn.",
            "Unicast: messages to one node. Broadcast: to all others, by a process group and by pub/sub, against copies "
                    + "and the multicast of JGroups. Roundtrip: one at a time, an echo by messages, a call, a ping. Idle: "
                    + "CPU and memory of nodes that do nothing.",
            "A receiver counts only what comes in order; a message that is missing or comes twice fails the run. With the "
                    + "defaults it takes about seven minutes."
        })
final class ClusterCommand implements Callable<Integer> {
    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Option(
            names = "--parts",
            paramLabel = "PART",
            split = ",",
            defaultValue = "unicast,broadcast,roundtrip,idle",
            description = "What to measure (${DEFAULT-VALUE}).")
    private List<ClusterRun.Part> parts = List.of();

    @Option(
            names = "--security",
            paramLabel = "KIND",
            split = ",",
            defaultValue = "plain,tls",
            description = "Over which connections (${DEFAULT-VALUE}).")
    private List<ClusterRun.Security> security = List.of();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            converter = Values.Nodes.class,
            description = "Nodes of each kind (${DEFAULT-VALUE}).")
    private int nodes = 3;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            converter = Values.Message.class,
            description = "Bytes of a message (${DEFAULT-VALUE}).")
    private int size = 200;

    @Option(names = "--pairs", paramLabel = "N", description = "How often each kind is measured (${DEFAULT-VALUE}).")
    private int pairs = 5;

    @Mixin
    private final TimingOptions timing = new TimingOptions(1, 2);

    @Option(
            names = "--idle-seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long the nodes do nothing (${DEFAULT-VALUE}).")
    private Duration idle = Duration.ZERO;

    @Option(
            names = "--node-flags",
            paramLabel = "FLAGS",
            defaultValue = "${env:HELIODOR_NODE_FLAGS:-}",
            description = "Flags of the JVM of each node, of both kinds. Default: HELIODOR_NODE_FLAGS.")
    private String flags = "";

    @Override
    public Integer call() throws Exception {
        EnumSet<ClusterRun.Part> wanted = EnumSet.copyOf(parts);
        ClusterRun.Plan plan = new ClusterRun.Plan(
                nodes,
                size,
                pairs,
                timing.warmUp(),
                timing.measured(),
                idle,
                wanted,
                flags.isBlank() ? List.of() : List.of(flags.strip().split("\\s+", -1)));
        Progress progress = Progress.onStandardError();
        List<ClusterResult.Connections> connections = new ArrayList<>();
        for (ClusterRun.Security kind : EnumSet.copyOf(security)) {
            connections.add(ClusterRun.over(kind, plan, progress));
        }
        ClusterResult result = new ClusterResult(settings(wanted), connections);
        return output.print(ClusterReport.of(result), result, true);
    }

    private Map<String, Object> settings(EnumSet<ClusterRun.Part> wanted) {
        Map<String, Object> settings = output.settings("nodes", "size", "pairs", "seconds", "warmup");
        if (wanted.contains(ClusterRun.Part.IDLE)) {
            settings.putAll(output.settings("idle-seconds"));
        }
        settings.put("parts", wanted.toString().toLowerCase(Locale.ROOT));
        return settings;
    }
}
