package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The cost of one variant of a load: medians over rounds in which all variants run in turn.
 *
 * @param name of the variant
 * @param samples one for each round
 * @param cpuRatio the server's CPU for an arrival against that of the first variant, round by round; empty for the first one,
 *     and if a server's process is not known
 * @param rateRatio the same of the rates
 */
record Cost(String name, List<Sample> samples, Optional<Ratio> cpuRatio, Optional<Ratio> rateRatio) {
    /**
     * One run.
     *
     * @param perSecond arrivals
     * @param cpuMicros of the server for each; empty if its process is not known
     * @param latency empty if nothing arrived
     * @param faults arrivals that were lost, repeated, out of order or refused, and connections that failed
     */
    record Sample(double perSecond, Optional<Double> cpuMicros, Optional<RunResult.Latency> latency, long faults) {
        static Sample of(RunResult run) {
            long wrong = run.arrivals()
                    .map(a -> a.missing() + a.unknown() + a.refused())
                    .orElse(0L);
            int absent = run.joins().asked() - run.joins().joined();
            return new Sample(
                    run.arrivals().map(RunResult.Arrivals::perSecond).orElse(0.0),
                    run.figure().map(perCpuSecond -> 1e6 / perCpuSecond),
                    run.latencyMicros(),
                    wrong + run.errors() + absent);
        }

        static Sample of(PresenceResult.JoinsResult run) {
            return new Sample(
                    run.perSecond(),
                    run.cpuMillisPerJoin().map(millis -> 1e3 * millis),
                    run.ownStateMicros(),
                    run.missing()
                            + run.unknown()
                            + run.refused()
                            + run.failures().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum());
        }
    }

    /** A load that is repeated. */
    record Variant(String name, Repeated run) {
        /** One run of it. */
        interface Repeated {
            Sample run() throws IOException, RunFailed, InterruptedException;
        }
    }

    /** Runs all variants in each round, in every other one in the reverse order; the first is the reference. */
    static List<Cost> of(int rounds, List<Variant> variants) throws IOException, RunFailed, InterruptedException {
        List<List<Sample>> samples = new ArrayList<>();
        variants.forEach(_ -> samples.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < variants.size(); i++) {
                int turn = round % 2 == 0 ? i : variants.size() - 1 - i;
                samples.get(turn).add(variants.get(turn).run().run());
            }
        }
        List<Cost> costs = new ArrayList<>();
        for (int i = 0; i < variants.size(); i++) {
            costs.add(against(
                    i == 0 ? List.of() : samples.getFirst(), variants.get(i).name(), samples.get(i)));
        }
        return costs;
    }

    private static Cost against(List<Sample> reference, String name, List<Sample> samples) {
        List<Double> cpu = new ArrayList<>();
        List<Double> rate = new ArrayList<>();
        for (int i = 0; i < reference.size(); i++) {
            Sample to = reference.get(i);
            Sample of = samples.get(i);
            of.cpuMicros()
                    .flatMap(micros -> to.cpuMicros().map(others -> micros / others))
                    .ifPresent(cpu::add);
            rate.add(of.perSecond() / to.perSecond());
        }
        return new Cost(name, List.copyOf(samples), ratio(cpu), ratio(rate));
    }

    private static Optional<Ratio> ratio(List<Double> ratios) {
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Ratio.of(ratios));
    }

    /** The rate of the median round. */
    double perSecond() {
        return Ratio.of(samples.stream().map(Sample::perSecond).toList()).median();
    }

    /** The server's CPU for an arrival, in microseconds. */
    Optional<Ratio> cpuMicros() {
        return ratio(
                samples.stream().flatMap(sample -> sample.cpuMicros().stream()).toList());
    }

    /** A percentile of the latency, in microseconds. */
    Optional<Ratio> latency(ToDoubleFunction<RunResult.Latency> percentile) {
        return ratio(samples.stream()
                .flatMap(sample -> sample.latency().stream())
                .map(percentile::applyAsDouble)
                .toList());
    }

    /** The faults of all rounds. */
    long faults() {
        return samples.stream().mapToLong(Sample::faults).sum();
    }

    void addTo(Table table) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%,.0f a second", perSecond()));
        cpuMicros().ifPresent(cpu -> text.append(range(", %.2f us of CPU each (%.2f to %.2f)", cpu)));
        latency(RunResult.Latency::p50).ifPresent(p50 -> text.append(", p50 ").append(TextReport.time(p50.median())));
        latency(RunResult.Latency::p99).ifPresent(p99 -> text.append(", p99 ").append(TextReport.time(p99.median())));
        cpuRatio.ifPresent(ratio -> text.append(range("; CPU x %.2f (%.2f to %.2f)", ratio)));
        rateRatio.ifPresent(ratio -> text.append(range(", rate x %.2f (%.2f to %.2f)", ratio)));
        if (faults() > 0) {
            text.append(String.format(Locale.ROOT, "; %,d FAULTS", faults()));
        }
        table.row(name, "%s", text);
    }

    private static String range(String format, Ratio ratio) {
        return String.format(Locale.ROOT, format, ratio.median(), ratio.min(), ratio.max());
    }
}
