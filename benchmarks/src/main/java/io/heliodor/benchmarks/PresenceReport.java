package io.heliodor.benchmarks;

import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The result of a presence run, as a table for people. */
final class PresenceReport {
    private final Formatter out = new Formatter(Locale.ROOT);

    private PresenceReport() {}

    static String of(PresenceResult result) {
        PresenceReport report = new PresenceReport();
        report.row("presence")
                .format(
                        "%s%n",
                        result.settings().entrySet().stream()
                                .map(e -> e.getKey() + " " + e.getValue())
                                .collect(Collectors.joining(", ")));
        result.storm().ifPresent(report::storm);
        result.newcomers().forEach(report::joins);
        result.memory().forEach(report::memory);
        return report.out.toString();
    }

    private void storm(PresenceResult.StormResult s) {
        row("storm")
                .format(
                        "%,d of %,d hold all after %.2f s; all the same: %s%n",
                        s.complete(), s.asked(), s.seconds(), s.same() ? "yes" : "NO");
        PresenceResult.Messages m = s.messages();
        row("  messages")
                .format("%,d: %,d replies, %,d states, %,d diffs%n", m.total(), m.replies(), m.states(), m.diffs());
        row("  bytes")
                .format(
                        "%s: states %s, diffs %s%n",
                        TextReport.mebibytes(m.stateBytes() + m.diffBytes()),
                        TextReport.mebibytes(m.stateBytes()),
                        TextReport.mebibytes(m.diffBytes()));
        s.server()
                .ifPresentOrElse(
                        use -> {
                            row("  server CPU").format("%.2f s%n", use.cpuSeconds());
                            row("  server memory")
                                    .format(
                                            "before %s  max %s  growth %s%n",
                                            TextReport.mebibytes(use.memoryBefore()),
                                            TextReport.mebibytes(use.memoryMax()),
                                            TextReport.mebibytes(use.growth()));
                        },
                        () -> row("  server").format("not known (no --server-pid)%n"));
        generator(s.generator());
        s.otherCpuSeconds().ifPresent(seconds -> row("  other CPU").format("%.2f s%n", seconds));
        errors(s.unknown(), s.refused(), s.failures());
    }

    private void joins(PresenceResult.JoinsResult j) {
        row("newcomers")
                .format(
                        "%,d present: %,d joins, %.1f a second%s%n",
                        j.present(),
                        j.joins(),
                        j.perSecond(),
                        j.unsent() == 0 ? "" : ", " + j.unsent() + " not sent because all clients were busy");
        j.cpuMillisPerJoin()
                .ifPresentOrElse(
                        millis -> row("  server CPU").format("%.2f ms for a join and its leave%n", millis),
                        () -> row("  server CPU").format("not known%n"));
        row("  median bytes").format("state %,d, diff %,d%n", j.stateBytes(), j.diffBytes());
        j.ownStateMicros().ifPresent(l -> latency("  own state", l));
        j.otherDiffMicros().ifPresent(l -> latency("  other's diff", l));
        generator(j.generator());
        j.otherCpuSeconds().ifPresent(seconds -> row("  other CPU").format("%.2f s%n", seconds));
        if (j.missing() > 0) {
            row("  missing").format("%d states or diffs%n", j.missing());
        }
        errors(j.unknown(), j.refused(), j.failures());
    }

    private void memory(PresenceResult.Memory m) {
        row("memory")
                .format(
                        "%,d %s of %,d: %,.0f live bytes for each who is present, %,.0f resident%n",
                        m.topics(), m.topics() == 1 ? "topic" : "topics", m.each(), m.liveBytes(), m.residentBytes());
    }

    private void latency(String label, RunResult.Latency l) {
        row(label)
                .format(
                        "p50 %s  p99 %s  max %s%n",
                        TextReport.time(l.p50()), TextReport.time(l.p99()), TextReport.time(l.max()));
    }

    private void generator(RunResult.Generator g) {
        row("  generator CPU")
                .format("%.2f s (its thread was busy for %.0f %% of the time)%n", g.cpuSeconds(), 100 * g.busy());
    }

    private void errors(long unknown, long refused, Map<String, Long> failures) {
        if (unknown + refused > 0 || !failures.isEmpty()) {
            row("  errors").format("%d unknown, %d refused, lost %s%n", unknown, refused, failures);
        }
    }

    /** Starts a row; the caller ends it. */
    private Formatter row(String label) {
        return out.format("%-16s ", label);
    }
}
