package io.heliodor.benchmarks;

import io.heliodor.benchmarks.cluster.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The result of a cluster run; as JSON the names are in snake case.
 *
 * @param settings all options as they were in force
 * @param connections what was measured over each kind of connections
 */
record ClusterResult(Map<String, Object> settings, List<Connections> connections) {
    /**
     * @param security whether they were encrypted
     * @param rows one for each thing that was measured
     * @param idle nodes that do nothing; empty if that was not asked for, or is not known
     */
    record Connections(ClusterRun.Security security, List<Row> rows, Optional<Idle> idle) {}

    /**
     * An operation of Heliodor, compared with that of JGroups.
     *
     * @param ratio of the rates of each pair, Heliodor's by JGroups'
     */
    record Row(
            Operation operation,
            Operation jgroupsOperation,
            Measured heliodor,
            Measured jgroups,
            Ratio ratio,
            List<Pair> pairs) {
        static Row of(Operation operation, Operation compared, List<Pair> pairs) {
            return new Row(
                    operation,
                    compared,
                    Measured.median(pairs.stream().map(Pair::heliodor).toList()),
                    Measured.median(pairs.stream().map(Pair::jgroups).toList()),
                    Ratio.of(pairs.stream()
                            .map(pair ->
                                    pair.heliodor().perSecond() / pair.jgroups().perSecond())
                            .toList()),
                    pairs);
        }
    }

    /** Measured one after the other. */
    record Pair(Measured heliodor, Measured jgroups) {}

    /**
     * @param perSecond messages that the slowest receiver got, or answers
     * @param micros of a round trip; empty for a stream
     * @param cpuSecondsPerMillion of all nodes together for a million messages or round trips; empty if not known
     */
    record Measured(double perSecond, Optional<Micros> micros, Optional<Double> cpuSecondsPerMillion) {
        static Measured of(long count, long nanos, Optional<Double> cpuSeconds, long... times) throws RunFailed {
            if (count < 1 || nanos < 1) {
                throw new RunFailed("nothing was measured: let it run for more seconds");
            }
            return new Measured(
                    count * 1e9 / nanos,
                    times.length == 0
                            ? Optional.empty()
                            : Optional.of(new Micros(times[0] / 1e3, times[1] / 1e3, times[2] / 1e3)),
                    cpuSeconds.map(seconds -> seconds * 1e6 / count));
        }

        static Measured median(List<Measured> all) {
            return new Measured(
                    of(all, one -> Optional.of(one.perSecond())).orElseThrow(),
                    of(all, one -> one.micros().map(Micros::p50))
                            .map(p50 -> new Micros(
                                    p50,
                                    of(all, one -> one.micros().map(Micros::p99))
                                            .orElseThrow(),
                                    of(all, one -> one.micros().map(Micros::max))
                                            .orElseThrow())),
                    of(all, Measured::cpuSecondsPerMillion));
        }

        private static Optional<Double> of(List<Measured> all, Function<Measured, Optional<Double>> figure) {
            List<Double> figures =
                    all.stream().flatMap(one -> figure.apply(one).stream()).toList();
            return figures.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Ratio.of(figures).median());
        }
    }

    /** The durations of round trips. */
    record Micros(double p50, double p99, double max) {}

    /** Nodes that know each other and do nothing else. */
    record Idle(IdleNode heliodor, IdleNode jgroups) {}

    /**
     * On average of all nodes.
     *
     * @param cpuMillisPerSecond of one node
     * @param residentBytes of one node
     */
    record IdleNode(double cpuMillisPerSecond, double residentBytes) {}
}
