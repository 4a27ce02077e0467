package io.heliodor.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A trial against one server: join, warm up, measure, drain, check, close. */
final class Run {
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE_FOR_A_TOPIC = Duration.ofMillis(2);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);
    private static final Duration MAX_DRAIN = Duration.ofSeconds(30);
    private static final Duration STALLED_PATIENCE = Duration.ofSeconds(3);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
    private static final double BUSY = 0.9;

    private final Trial trial;
    private final Plan plan;
    private final Scenario scenario;
    private final Loop loop;
    private final Meter meter;
    private final RunMonitor watch;

    private Run(Trial trial, Server server, Progress progress) throws IOException {
        this.trial = trial;
        plan = trial.plan();
        scenario = trial.scenario().get();
        loop = new Loop(server.targets(), plan, scenario);
        meter = new Meter(server.pids());
        watch = new RunMonitor(progress, meter, this::status);
    }

    static RunResult of(Trial trial, Server server, Progress progress) throws IOException, RunFailed {
        Run run = new Run(trial, server, progress);
        try (Loop loop = run.loop) {
            RunResult result = run.measure();
            loop.finish(CLOSE_PATIENCE.toNanos());
            return result;
        } finally {
            progress.done();
        }
    }

    private RunResult measure() throws IOException, RunFailed {
        Meter.Reading before = meter.read();
        long began = loop.now();
        watch.phase("joining", began);
        long latest = began
                + JOIN_PATIENCE.toNanos()
                + PATIENCE_FOR_A_TOPIC.toNanos() * plan.topics()
                + (long) (plan.connections() * 1e9 / plan.ramp());
        Periodic heartbeats = loop.heartbeats(began);
        loop.run(
                latest,
                () -> loop.rampDone() && (scenario.isReady() || cannotBeReady()),
                watch,
                now -> loop.ramp(now, began),
                heartbeats);
        RunResult.Joins joins = new RunResult.Joins(plan.connections(), loop.joinedSoFar(), (loop.now() - began) / 1e9);
        requireConnections("no connection joined");
        if (!scenario.isReady()) {
            throw new RunFailed("the clients did not join all of their topics within " + Math.round(joins.seconds())
                    + " s: " + loop.failures().kinds());
        }
        Meter.Reading joined = meter.read();

        watch.phase("warming up", loop.now());
        scenario.begin(loop.now());
        loop.run(loop.now() + plan.warmUp().toNanos(), this::deserted, watch, scenario, heartbeats);

        Meter.Reading start = meter.read();
        long from = loop.now();
        long busyBefore = loop.busyNanos();
        long readsBefore = loop.reads();
        scenario.tally().measureFrom(from);
        watch.phase("measuring", from);
        loop.run(from + plan.length().toNanos(), this::deserted, watch, scenario, heartbeats);
        long to = loop.now();
        scenario.tally().measureTo(to);
        Meter.Reading end = meter.read();
        long busy = loop.busyNanos() - busyBefore;
        long reads = loop.reads() - readsBefore;
        scenario.tick(to);
        scenario.stop(to);
        requireConnections("all connections were lost");

        drain(to, heartbeats);
        Optional<RunResult.Stalled> stalled = plan.stalled() == 0 ? Optional.empty() : Optional.of(stalled());

        double seconds = (to - from) / 1e9;
        Optional<RunResult.Arrivals> arrivals = arrivals(seconds);
        RunResult.Generator generator = new RunResult.Generator(end.clientCpuSince(start), busy / 1e9 / seconds, reads);
        return new RunResult(
                trial.name(),
                trial.settings(),
                joins,
                seconds,
                arrivals,
                arrivals.map(a -> RunResult.Latency.of(scenario.tally().latencies())),
                serverUse(before, joined, start, end),
                generator,
                end.otherCpuSince(start),
                new RunResult.Heartbeats(loop.heartbeatsSent(), loop.heartbeatsAnswered()),
                stalled,
                loop.failures().total(),
                loop.failures().kinds(),
                warnings(joins, arrivals, generator));
    }

    /** Whether a client that joins all of its topics by itself was refused or lost. */
    private boolean cannotBeReady() {
        return scenario.joinsItself() && loop.failures().total() > 0;
    }

    /** Waits for messages in flight, as long as some arrive. */
    private void drain(long since, Periodic heartbeats) throws IOException {
        watch.phase("draining", since);
        long before = -1;
        while (scenario.tally().total() > before && loop.now() < since + MAX_DRAIN.toNanos()) {
            before = scenario.tally().total();
            loop.run(loop.now() + DRAIN_PATIENCE.toNanos(), scenario::settled, watch, heartbeats);
        }
    }

    private boolean deserted() {
        return loop.openNow() == 0;
    }

    private void requireConnections(String otherwise) throws RunFailed {
        if (loop.openNow() == 0) {
            throw new RunFailed(otherwise + ": " + loop.failures().kinds());
        }
    }

    /**
     * Resumes the stalled clients: they see the server's close only after the messages before it.
     */
    private RunResult.Stalled stalled() throws IOException {
        watch.phase("looking at the stalled", loop.now());
        loop.resumeStalled();
        loop.run(loop.now() + STALLED_PATIENCE.toNanos(), loop::stalledAllClosed, watch);
        Failures endings = loop.stalledEndings();
        return new RunResult.Stalled(
                plan.stalled(), endings.total(), endings.kinds(), plan.stalled() - endings.total());
    }

    private Optional<RunResult.Arrivals> arrivals(double seconds) {
        if (scenario.due() == 0) {
            return Optional.empty();
        }
        ArrivalStatistics tally = scenario.tally();
        return Optional.of(new RunResult.Arrivals(
                trial.counted(),
                tally.arrivals(),
                tally.arrivals() / seconds,
                tally.messagesSent(),
                scenario.due(),
                tally.total(),
                scenario.due() - tally.total(),
                tally.unknownArrivals(),
                tally.refusals(),
                tally.unsentMessages()));
    }

    private Optional<RunResult.ServerUse> serverUse(
            Meter.Reading before, Meter.Reading joined, Meter.Reading start, Meter.Reading end) {
        if (before.serverMemory().isEmpty() || end.serverMemory().isEmpty()) {
            return Optional.empty();
        }
        double cpu = end.serverCpuSince(start).orElse(0.0);
        long arrivals = scenario.tally().arrivals();
        long memoryBefore = before.serverMemory().get();
        long memoryEnd = end.serverMemory().get();
        return Optional.of(new RunResult.ServerUse(
                cpu,
                joined.serverCpuSince(before).orElse(0.0),
                cpu > 0 && arrivals > 0 ? Optional.of(arrivals / cpu) : Optional.empty(),
                new RunResult.Memory(memoryBefore, start.serverMemory().orElse(0L), memoryEnd, meter.maxMemory()),
                (double) (memoryEnd - memoryBefore) / loop.joinedSoFar()));
    }

    private List<String> warnings(
            RunResult.Joins joins, Optional<RunResult.Arrivals> arrivals, RunResult.Generator generator) {
        List<String> warnings = new ArrayList<>();
        if (joins.joined() < joins.asked()) {
            warnings.add("only " + joins.joined() + " of " + joins.asked() + " connections joined");
        }
        if (generator.busy() > BUSY) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "the generator used %.0f %% of a core: it may be the bottleneck",
                    100 * generator.busy()));
        }
        arrivals.filter(a -> a.unsent() > 0)
                .ifPresent(a -> warnings.add(
                        a.unsent() + " messages of the schedule were not sent, too many were in flight; the latencies"
                                + " do not contain them"));
        return warnings;
    }

    private String status() {
        if (scenario.due() == 0) {
            return loop.joinedSoFar() + " of " + plan.connections() + " joined, " + loop.failures();
        }
        return String.format(Locale.ROOT, "%,d %s, %s", scenario.tally().total(), trial.counted(), loop.failures());
    }
}
