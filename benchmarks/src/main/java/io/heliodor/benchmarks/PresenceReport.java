package io.heliodor.benchmarks;

import static io.heliodor.benchmarks.TextReport.mebibytes;
import static io.heliodor.benchmarks.TextReport.time;

import java.util.Map;
import java.util.Optional;

/** The result of a presence run, as a table for people. */
final class PresenceReport {
    private final Table table = new Table(16);

    private PresenceReport() {}

    static String of(PresenceResult result) {
        PresenceReport report = new PresenceReport();
        report.table.settings("presence", result.settings());
        result.storm().ifPresent(report::storm);
        result.newcomers().forEach(report::joins);
        result.ready().forEach(report::ready);
        result.memory().forEach(report::memory);
        return report.table.toString();
    }

    private void storm(PresenceResult.StormResult s) {
        String same = s.same() ? "yes" : "NO";
        table.row(
                "storm",
                "%,d of %,d hold all after %.2f s; all the same: %s",
                s.complete(),
                s.asked(),
                s.seconds(),
                same);
        PresenceResult.Messages m = s.messages();
        table.row(
                "  messages", "%,d: %,d replies, %,d states, %,d diffs", m.total(), m.replies(), m.states(), m.diffs());
        table.row(
                "  bytes",
                "%s: states %s, diffs %s",
                mebibytes(m.stateBytes() + m.diffBytes()),
                mebibytes(m.stateBytes()),
                mebibytes(m.diffBytes()));
        s.server().ifPresentOrElse(this::server, () -> table.row("  server", "not known (no --server-pid)"));
        machine(s.generator(), s.otherCpuSeconds());
        errors(s.unknown(), s.refused(), s.failures());
    }

    private void server(PresenceResult.StormServer use) {
        table.row("  server CPU", "%.2f s", use.cpuSeconds());
        table.row(
                "  server memory",
                "before %s  max %s  growth %s",
                mebibytes(use.memoryBefore()),
                mebibytes(use.memoryMax()),
                mebibytes(use.growth()));
    }

    private void joins(PresenceResult.JoinsResult j) {
        String unsent = j.unsent() == 0 ? "" : ", " + j.unsent() + " not sent because all clients were busy";
        table.row(
                "newcomers", "%,d present: %,d joins, %.1f a second%s", j.present(), j.joins(), j.perSecond(), unsent);
        j.cpuMillisPerJoin()
                .ifPresentOrElse(
                        millis -> table.row("  server CPU", "%.2f ms for a join and its leave", millis),
                        () -> table.row("  server CPU", "not known"));
        table.row("  median bytes", "state %,d, diff %,d", j.stateBytes(), j.diffBytes());
        j.ownStateMicros().ifPresent(l -> latency("  own state", l));
        j.otherDiffMicros().ifPresent(l -> latency("  other's diff", l));
        machine(j.generator(), j.otherCpuSeconds());
        if (j.missing() > 0) {
            table.row("  missing", "%d states or diffs", j.missing());
        }
        errors(j.unknown(), j.refused(), j.failures());
    }

    private void ready(PresenceResult.ReadyResult r) {
        Ratio ratio = r.of(PresenceResult.ReadyPair::ratio);
        table.row(
                "join / push",
                "%,d present: %.2f (%.2f-%.2f) times the server CPU of a push of as many ready bytes%s",
                r.present(),
                ratio.median(),
                ratio.min(),
                ratio.max(),
                r.clean() ? "" : "; messages are missing");
        table.row(
                "  server CPU",
                "%.2f ms for a join and its leave, %.2f ms for a push",
                r.of(PresenceResult.ReadyPair::joinMillis).median(),
                r.of(PresenceResult.ReadyPair::pushMillis).median());
    }

    private void memory(PresenceResult.Memory m) {
        table.row(
                "memory",
                "%,d %s of %,d: %,.0f live bytes for each who is present, %,.0f resident",
                m.topics(),
                m.topics() == 1 ? "topic" : "topics",
                m.each(),
                m.liveBytes(),
                m.residentBytes());
    }

    private void latency(String label, RunResult.Latency l) {
        table.row(label, "p50 %s  p99 %s  max %s", time(l.p50()), time(l.p99()), time(l.max()));
    }

    private void machine(RunResult.Generator g, Optional<Double> otherCpuSeconds) {
        table.row(
                "  generator CPU",
                "%.2f s (its thread was busy for %.0f %% of the time)",
                g.cpuSeconds(),
                100 * g.busy());
        otherCpuSeconds.ifPresent(seconds -> table.row("  other CPU", "%.2f s", seconds));
    }

    private void errors(long unknown, long refused, Map<String, Long> failures) {
        if (unknown + refused > 0 || !failures.isEmpty()) {
            table.row("  errors", "%d unknown, %d refused, lost %s", unknown, refused, failures);
        }
    }
}
