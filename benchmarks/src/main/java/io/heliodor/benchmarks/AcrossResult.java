package io.heliodor.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The figures of a run over several nodes; as JSON the names are in snake case.
 *
 * @param settings all options as they are in force
 * @param presence a join that another node shows
 * @param bytes lines of the program that counts them
 */
record AcrossResult(
        Map<String, Object> settings,
        Optional<Delivery> delivery,
        List<Comparison> comparisons,
        Optional<PresenceResult.JoinsResult> presence,
        List<String> bytes,
        Optional<Cluster> cluster) {

    /** Runs in turn: from a client of one node to one of another, and on one server alone. */
    record Delivery(List<RunResult> across, List<RunResult> alone) {
        private static double median(List<RunResult> runs, ToDoubleFunction<RunResult.Latency> figure) {
            return Ratio.of(runs.stream()
                            .map(run -> figure.applyAsDouble(run.latencyMicros().orElseThrow()))
                            .toList())
                    .median();
        }

        private static String medians(List<RunResult> runs) {
            return line(median(runs, RunResult.Latency::p50), median(runs, RunResult.Latency::p99));
        }

        private String text() {
            return "to another node " + medians(across) + "; on one server " + medians(alone);
        }
    }

    /**
     * Nodes that do nothing, but for one that dies.
     *
     * @param seconds from the start of the first process until all know each other
     * @param idleMillis of CPU for each node and second
     * @param memory resident bytes of a node
     * @param deathSeconds until all others know that one was killed
     */
    record Cluster(int nodes, double seconds, double idleMillis, double memory, double deathSeconds) {
        private void addTo(Table table) {
            table.row(
                    "nodes",
                    "%d know each other after %.1f s; idle %.1f ms of CPU a second and %s each; a death is known after "
                            + "%.2f s",
                    nodes,
                    seconds,
                    idleMillis,
                    TextReport.mebibytes((long) memory),
                    deathSeconds);
        }
    }

    String text() {
        Table table = new Table(30).settings("across", settings);
        delivery.ifPresent(figures -> table.row("delivery", "%s", figures.text()));
        comparisons.forEach(compared -> EventsResult.addTo(table, compared));
        presence.flatMap(PresenceResult.JoinsResult::otherDiffMicros)
                .ifPresent(latency -> table.row("a join on another node", "%s", line(latency.p50(), latency.p99())));
        bytes.forEach(line -> table.row("bytes", "%s", line));
        cluster.ifPresent(figures -> figures.addTo(table));
        return table.toString();
    }

    private static String line(double p50, double p99) {
        return "p50 " + TextReport.time(p50) + "  p99 " + TextReport.time(p99);
    }

    boolean clean() {
        return presence.stream().allMatch(PresenceResult.JoinsResult::clean)
                && comparisons.stream().allMatch(Comparison::clean)
                && delivery.stream()
                        .flatMap(figures -> Stream.concat(figures.across().stream(), figures.alone().stream()))
                        .allMatch(RunResult::clean);
    }
}
