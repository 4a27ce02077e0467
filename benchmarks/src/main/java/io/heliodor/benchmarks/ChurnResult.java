package io.heliodor.benchmarks;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The result of connections that come and go; as JSON the names are in snake case.
 *
 * @param settings all options as they are in force
 * @param seconds the measured time
 * @param messages since the start
 * @param comings since the start
 * @param latencyMicros of messages that were due within the measured time, to members that had joined by then
 * @param pauses within the measured time; empty if the server was not started by this program
 * @param cpuSeconds of the server, within the measured time
 * @param memory of the server; {@code end} is when all members are back
 * @param failures connections that did not come about or were lost, by reason
 */
record ChurnResult(
        Map<String, Object> settings,
        double seconds,
        Messages messages,
        Comings comings,
        Optional<RunResult.Latency> latencyMicros,
        Optional<Pauses> pauses,
        Optional<Double> cpuSeconds,
        Optional<RunResult.Memory> memory,
        RunResult.Generator generator,
        Optional<Double> otherCpuSeconds,
        Map<String, Long> failures) {
    /**
     * @param due to all members, also to those that were away
     * @param delivered once and in order
     * @param repeated those of them that members got after they had come back
     * @param wrong repeated to members that had them, never sent, or not readable
     * @param unsent messages of the schedule that could not be sent
     */
    record Messages(long due, long delivered, long repeated, long wrong, long unsent) {
        long lost() {
            return due - delivered;
        }
    }

    /**
     * @param left connections that ended, every other one abruptly
     * @param recovered joins to which the server had all messages of the meantime
     * @param unrecovered joins to which it had not
     * @param refused joins
     * @param absent members that are not back in the end
     * @param states and {@code diffs}: messages of presence
     * @param wrongViews members that do not see each member of their room present once, in the end
     */
    record Comings(
            long left,
            long recovered,
            long unrecovered,
            long refused,
            long absent,
            long states,
            long diffs,
            long wrongViews) {}

    boolean clean() {
        return messages.due() > 0
                && messages.lost() == 0
                && messages.wrong() == 0
                && comings.unrecovered() + comings.refused() + comings.absent() + comings.wrongViews() == 0
                && failures.isEmpty();
    }

    String text() {
        Table table = new Table(16).settings("churn", settings);
        table.row(
                "messages",
                "%,d due, %,d delivered (%,d of them repeated after a join), %,d lost, %,d wrong; %,d not sent",
                messages.due(),
                messages.delivered(),
                messages.repeated(),
                messages.lost(),
                messages.wrong(),
                messages.unsent());
        table.row(
                "members",
                "%,d left, %,d came back and missed nothing, %,d came back and did, %,d refused, %,d absent",
                comings.left(),
                comings.recovered(),
                comings.unrecovered(),
                comings.refused(),
                comings.absent());
        table.row(
                "presence",
                "%,d states, %,d diffs; %,d members see others than are present",
                comings.states(),
                comings.diffs(),
                comings.wrongViews());
        latencyMicros.ifPresent(l -> table.row(
                "latency",
                "p50 %s  p99 %s  p99.9 %s  max %s",
                TextReport.time(l.p50()),
                TextReport.time(l.p99()),
                TextReport.time(l.p999()),
                TextReport.time(l.max())));
        pauses.ifPresent(p -> table.row(
                "server's pauses",
                "%,d in %.0f s, %.3f s in all; p50 %s  p99 %s  max %s (%s)",
                p.count(),
                seconds,
                p.seconds(),
                TextReport.time(p.micros().p50()),
                TextReport.time(p.micros().p99()),
                TextReport.time(p.micros().max()),
                p.longest().entrySet().stream()
                        .map(each -> each.getKey() + " " + TextReport.time(each.getValue()))
                        .collect(Collectors.joining(", "))));
        cpuSeconds.ifPresent(cpu -> table.row("server CPU", "%.2f s in %.0f s", cpu, seconds));
        memory.ifPresent(m -> table.row(
                "server memory",
                "before %s  start %s  end %s  max %s",
                TextReport.mebibytes(m.before()),
                TextReport.mebibytes(m.start()),
                TextReport.mebibytes(m.end()),
                TextReport.mebibytes(m.max())));
        table.row("generator", "busy for %.0f %% of the time", 100 * generator.busy());
        otherCpuSeconds.ifPresent(other -> table.row("other CPU", "%.2f s", other));
        if (!failures.isEmpty()) {
            table.row("errors", "%s", failures);
        }
        return table.toString();
    }
}
