package io.heliodor.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * The result of a run; as JSON the names are in snake case.
 *
 * @param scenario the subcommand
 * @param settings all options as they were in force
 * @param seconds the measured time
 * @param arrivals deliveries or replies; empty if the scenario sends nothing
 * @param latencyMicros how long they took
 * @param server empty if its process is not known
 * @param otherCpuSeconds CPU that neither the server nor the generator used
 * @param stalled the fate of the clients that stopped reading
 * @param failures connections that did not come about or were lost, by reason
 * @param warnings what makes the figures doubtful
 */
record RunResult(
        String scenario,
        Map<String, Object> settings,
        Joins joins,
        double seconds,
        Optional<Arrivals> arrivals,
        Optional<Latency> latencyMicros,
        Optional<ServerUse> server,
        Generator generator,
        Optional<Double> otherCpuSeconds,
        Heartbeats heartbeats,
        Optional<Stalled> stalled,
        long errors,
        Map<String, Long> failures,
        List<String> warnings) {

    record Joins(int asked, int joined, double seconds) {}

    /**
     * @param counted deliveries or replies
     * @param measured how many within the measured time
     * @param sent messages sent within the measured time
     * @param due owed since the start, warm-up included
     * @param got arrived since the start
     * @param missing due, not got, and nothing more arrived for two seconds (or within thirty)
     * @param unknown repeated, out of order or never sent
     * @param refused answered, but not with {@code ok}
     * @param unsent messages of a fixed rate that could not be sent because too many were in flight
     */
    record Arrivals(
            String counted,
            long measured,
            double perSecond,
            long sent,
            long due,
            long got,
            long missing,
            long unknown,
            long refused,
            long unsent) {}

    record Latency(double p50, double p90, double p99, double p999, double max) {
        static Latency of(Histogram nanos) {
            return new Latency(
                    micros(nanos.getValueAtPercentile(50)),
                    micros(nanos.getValueAtPercentile(90)),
                    micros(nanos.getValueAtPercentile(99)),
                    micros(nanos.getValueAtPercentile(99.9)),
                    micros(nanos.getMaxValue()));
        }

        /** A tenth of a microsecond is more than the histogram's three digits give. */
        private static double micros(long nanos) {
            return Math.round(nanos / 100.0) / 10.0;
        }
    }

    /**
     * @param joinCpuSeconds before the load started: connecting, upgrading, joining
     * @param arrivalsPerCpuSecond empty if nothing arrived or no CPU was used
     * @param memory resident bytes
     */
    record ServerUse(
            double cpuSeconds,
            double joinCpuSeconds,
            Optional<Double> arrivalsPerCpuSecond,
            Memory memory,
            double bytesPerConnection) {}

    /** Before the first connection, when the measured time started, when it ended, and the most seen. */
    record Memory(long before, long start, long end, long max) {}

    /**
     * @param cpuSeconds of the whole process, with its compiler and collector
     * @param busy how much of a core its one thread needed; waiting by polling is not counted
     * @param reads system calls that brought bytes: fewer than arrivals if the server gathers what it sends
     */
    record Generator(double cpuSeconds, double busy, long reads) {}

    record Heartbeats(long sent, long answered) {}

    /**
     * @param endings how those ended that did
     * @param open still open some seconds after they read again
     */
    record Stalled(int connections, long closed, Map<String, Long> endings, long open) {}

    /** Whether all connections joined and everything arrived once. */
    boolean clean() {
        return errors == 0
                && joins.joined() == joins.asked()
                && arrivals.stream().allMatch(a -> a.missing() == 0 && a.unknown() == 0 && a.refused() == 0);
    }

    /** The figure by which two servers are compared; more is better, except for memory. */
    Optional<Double> figure() {
        return server.flatMap(
                s -> arrivals.isPresent() ? s.arrivalsPerCpuSecond() : Optional.of(s.bytesPerConnection()));
    }
}
