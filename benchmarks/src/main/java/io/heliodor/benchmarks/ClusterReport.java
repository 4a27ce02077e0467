package io.heliodor.benchmarks;

import java.util.Formatter;
import java.util.Locale;
import java.util.Optional;

/** The result of a cluster run, as a table for people. The first of two figures is Heliodor's. */
final class ClusterReport {
    private static final String CELLS = "%-24s %19s %19s %17s %17s %15s%n";

    private final Formatter out = new Formatter(Locale.ROOT);

    private ClusterReport() {}

    static String of(ClusterResult result) {
        ClusterReport report = new ClusterReport();
        report.out.format("%s", new Table(16).settings("cluster", result.settings()));
        result.connections().forEach(report::connections);
        report.out.format(
                "%nOf each two figures the first is Heliodor's, the second that of bare JGroups. Medians of the pairs;%n"
                        + "the ratio is that of the rates, with the least and the most. CPU is that of all nodes together.%n");
        return report.out.toString();
    }

    private void connections(ClusterResult.Connections connections) {
        out.format("%n" + CELLS, connections.security(), "a second", "ratio", "p50 us", "p99 us", "CPU s a million");
        connections.rows().forEach(this::row);
        connections.idle().ifPresent(this::idle);
    }

    private void row(ClusterResult.Row row) {
        ClusterResult.Measured ours = row.heliodor();
        ClusterResult.Measured theirs = row.jgroups();
        Ratio ratio = row.ratio();
        out.format(
                CELLS,
                label(row),
                two("%,.0f", ours.perSecond(), theirs.perSecond()),
                String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", ratio.median(), ratio.min(), ratio.max()),
                two(
                        "%,.0f",
                        ours.micros().map(ClusterResult.Micros::p50),
                        theirs.micros().map(ClusterResult.Micros::p50)),
                two(
                        "%,.0f",
                        ours.micros().map(ClusterResult.Micros::p99),
                        theirs.micros().map(ClusterResult.Micros::p99)),
                two("%,.1f", ours.cpuSecondsPerMillion(), theirs.cpuSecondsPerMillion()));
    }

    private static String label(ClusterResult.Row row) {
        return row.operation() == row.jgroupsOperation()
                ? row.operation().toString()
                : row.operation() + " / " + row.jgroupsOperation();
    }

    private static String two(String format, Optional<Double> first, Optional<Double> second) {
        return first.isPresent() && second.isPresent() ? two(format, first.get(), second.get()) : "";
    }

    private static String two(String format, double first, double second) {
        return String.format(Locale.ROOT, format + " / " + format, first, second);
    }

    private void idle(ClusterResult.Idle idle) {
        out.format(
                "%-24s %s CPU ms a second, %s MiB resident, for each node%n",
                "idle",
                two("%.1f", idle.heliodor().cpuMillisPerSecond(), idle.jgroups().cpuMillisPerSecond()),
                two(
                        "%.1f",
                        idle.heliodor().residentBytes() / 1_048_576,
                        idle.jgroups().residentBytes() / 1_048_576));
    }
}
