package io.heliodor.benchmarks;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The result of a run, as a table for people. */
final class TextReport {
    private final Table table = new Table(16);

    private TextReport() {}

    static String of(RunResult result) {
        TextReport report = new TextReport();
        report.write(result);
        return report.table.toString();
    }

    private void write(RunResult r) {
        table.settings(r.scenario(), r.settings());
        RunResult.Joins joins = r.joins();
        table.row("joined", "%d of %d in %.2f s", joins.joined(), joins.asked(), joins.seconds());
        r.arrivals().ifPresent(this::arrivals);
        r.latencyMicros().ifPresent(this::latency);
        r.server()
                .ifPresentOrElse(
                        use -> server(use, r.arrivals()), () -> table.row("server", "not known (no --server-pid)"));
        RunResult.Generator g = r.generator();
        table.row(
                "generator CPU",
                "%.2f s (its thread was busy for %.0f %% of the time, %,d reads)",
                g.cpuSeconds(),
                100 * g.busy(),
                g.reads());
        r.otherCpuSeconds().ifPresent(seconds -> table.row("other CPU", "%.2f s", seconds));
        RunResult.Heartbeats heartbeats = r.heartbeats();
        if (heartbeats.sent() > 0) {
            table.row("heartbeats", "%,d sent, %,d answered", heartbeats.sent(), heartbeats.answered());
        }
        r.stalled().ifPresent(this::stalled);
        table.row("errors", "%d%s", r.errors(), r.errors() == 0 ? "" : ": " + kinds(r.failures()));
        r.warnings().forEach(warning -> table.row("warning", "%s", warning));
    }

    private void arrivals(RunResult.Arrivals a) {
        table.row(a.counted(), "%,d  (%,.0f a second; %,d sent)", a.measured(), a.perSecond(), a.sent());
        table.row(
                "since the start",
                "%,d due, %,d got, %,d missing, %,d unknown, %,d refused",
                a.due(),
                a.got(),
                a.missing(),
                a.unknown(),
                a.refused());
    }

    private void latency(RunResult.Latency l) {
        table.row(
                "latency",
                "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s",
                time(l.p50()),
                time(l.p90()),
                time(l.p99()),
                time(l.p999()),
                time(l.max()));
    }

    private void server(RunResult.ServerUse use, Optional<RunResult.Arrivals> arrivals) {
        String rate = arrivals.flatMap(a -> use.arrivalsPerCpuSecond()
                        .map(each -> String.format(Locale.ROOT, ", %,.0f %s a CPU second", each, a.counted())))
                .orElse("");
        table.row("server CPU", "%.2f s%s (and %.2f s for the joins)", use.cpuSeconds(), rate, use.joinCpuSeconds());
        RunResult.Memory memory = use.memory();
        table.row(
                "server memory",
                "before %s  start %s  end %s  max %s",
                mebibytes(memory.before()),
                mebibytes(memory.start()),
                mebibytes(memory.end()),
                mebibytes(memory.max()));
        if (arrivals.isEmpty()) {
            table.row("a connection", "%,.0f bytes", use.bytesPerConnection());
        }
    }

    private void stalled(RunResult.Stalled s) {
        String how = s.endings().isEmpty() ? "" : " (" + kinds(s.endings()) + ")";
        table.row("stalled clients", "%d, %d closed%s, %d still open", s.connections(), s.closed(), how, s.open());
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
}
