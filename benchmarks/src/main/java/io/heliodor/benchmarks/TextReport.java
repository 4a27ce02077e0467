package io.heliodor.benchmarks;

import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The result of a run, as a table for people. */
final class TextReport {
    private final Formatter out = new Formatter(Locale.ROOT);

    private TextReport() {}

    static String of(RunResult result) {
        TextReport report = new TextReport();
        report.write(result);
        return report.out.toString();
    }

    private void write(RunResult r) {
        row(r.scenario())
                .format(
                        "%s%n",
                        r.settings().entrySet().stream()
                                .map(e -> e.getKey() + " " + e.getValue())
                                .collect(Collectors.joining(", ")));
        RunResult.Joins joins = r.joins();
        row("joined").format("%d of %d in %.2f s%n", joins.joined(), joins.asked(), joins.seconds());
        r.arrivals().ifPresent(this::arrivals);
        r.latencyMicros().ifPresent(this::latency);
        r.server()
                .ifPresentOrElse(
                        use -> server(use, r.arrivals()), () -> row("server").format("not known (no --server-pid)%n"));
        row("generator CPU")
                .format(
                        "%.2f s (its thread was busy for %.0f %% of the time, %,d reads)%n",
                        r.generator().cpuSeconds(),
                        100 * r.generator().busy(),
                        r.generator().reads());
        r.otherCpuSeconds().ifPresent(seconds -> row("other CPU").format("%.2f s%n", seconds));
        if (r.heartbeats().sent() > 0) {
            row("heartbeats")
                    .format(
                            "%,d sent, %,d answered%n",
                            r.heartbeats().sent(), r.heartbeats().answered());
        }
        r.stalled().ifPresent(this::stalled);
        row("errors").format("%d%s%n", r.errors(), r.errors() == 0 ? "" : ": " + kinds(r.failures()));
        r.warnings().forEach(warning -> row("warning").format("%s%n", warning));
    }

    private void arrivals(RunResult.Arrivals a) {
        row(a.counted()).format("%,d  (%,.0f a second; %,d sent)%n", a.measured(), a.perSecond(), a.sent());
        row("since the start")
                .format(
                        "%,d due, %,d got, %,d missing, %,d unknown, %,d refused%n",
                        a.due(), a.got(), a.missing(), a.unknown(), a.refused());
    }

    private void latency(RunResult.Latency l) {
        row("latency")
                .format(
                        "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s%n",
                        time(l.p50()), time(l.p90()), time(l.p99()), time(l.p999()), time(l.max()));
    }

    private void server(RunResult.ServerUse use, Optional<RunResult.Arrivals> arrivals) {
        row("server CPU").format("%.2f s", use.cpuSeconds());
        if (use.arrivalsPerCpuSecond().isPresent() && arrivals.isPresent()) {
            out.format(
                    ", %,.0f %s a CPU second",
                    use.arrivalsPerCpuSecond().get(), arrivals.get().counted());
        }
        out.format(" (and %.2f s for the joins)%n", use.joinCpuSeconds());
        RunResult.Memory memory = use.memory();
        row("server memory")
                .format(
                        "before %s  start %s  end %s  max %s%n",
                        mebibytes(memory.before()),
                        mebibytes(memory.start()),
                        mebibytes(memory.end()),
                        mebibytes(memory.max()));
        if (arrivals.isEmpty()) {
            row("a connection").format("%,.0f bytes%n", use.bytesPerConnection());
        }
    }

    private void stalled(RunResult.Stalled s) {
        String how = s.endings().isEmpty() ? "" : " (" + kinds(s.endings()) + ")";
        row("stalled clients").format("%d, %d closed%s, %d still open%n", s.connections(), s.closed(), how, s.open());
    }

    private static String kinds(Map<String, Long> kinds) {
        return kinds.entrySet().stream()
                .map(e -> e.getValue() + " x " + e.getKey())
                .collect(Collectors.joining(", "));
    }

    static String time(double micros) {
        if (micros < 1_000) {
            return String.format(Locale.ROOT, "%.0f us", micros);
        }
        return micros < 1_000_000
                ? String.format(Locale.ROOT, "%.2f ms", micros / 1_000)
                : String.format(Locale.ROOT, "%.2f s", micros / 1_000_000);
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1_048_576.0);
    }

    /** Starts a row; the caller ends it. */
    private Formatter row(String label) {
        return out.format("%-16s ", label);
    }
}
