package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A run of {@link Churn}: join, warm up, measure, let all come back, drain, check, close. */
final class ChurnRun {
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(60);
    private static final Duration BACK_PATIENCE = Duration.ofSeconds(30);

    /** The time without a message after which none follows. */
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private ChurnRun() {}

    /**
     * Runs it.
     *
     * @param rate messages a second
     * @param leaving members that leave in a second
     * @param away until a member comes back
     * @param log the server's log of safepoints, if it has one
     */
    static ChurnResult of(
            Map<String, Object> settings,
            Plan plan,
            double rate,
            double leaving,
            Duration away,
            Server server,
            Optional<Path> log,
            Progress progress)
            throws IOException, RunFailed {
        Churn churn = new Churn(plan, rate);
        Meter meter = new Meter(server.pids());
        try (Loop loop = new Loop(server.targets(), plan, churn)) {
            RunMonitor watch = new RunMonitor(
                    progress,
                    meter,
                    () -> String.format(
                            Locale.ROOT,
                            "%,d of %,d delivered, %,d open, %s",
                            churn.got(),
                            churn.due(),
                            loop.openNow(),
                            loop.failures()));
            Meter.Reading before = meter.read();
            long began = loop.now();
            watch.phase("joining", began);
            long latest = began + JOIN_PATIENCE.toNanos() + (long) (plan.connections() * 1e9 / plan.ramp());
            Periodic heartbeats = loop.heartbeats(began);
            loop.run(latest, () -> loop.rampDone() && churn.isReady(), watch, now -> loop.ramp(now, began), heartbeats);
            if (!churn.isReady()) {
                throw new RunFailed("not all of " + plan.connections() + " clients joined: "
                        + loop.failures().kinds() + ", " + churn.tally().refusals() + " refused");
            }
            Churn.Coming coming = churn.new Coming(loop, leaving, away.toNanos());
            watch.phase("warming up", loop.now());
            churn.begin(loop.now());
            loop.run(loop.now() + plan.warmUp().toNanos(), () -> false, watch, churn, coming, heartbeats);

            Meter.Reading start = meter.read();
            int logged = log.isPresent() ? Pauses.lines(log.get()) : 0;
            long busyBefore = loop.busyNanos();
            long readsBefore = loop.reads();
            long from = loop.now();
            churn.tally().measureFrom(from);
            watch.phase("measuring", from);
            loop.run(from + plan.length().toNanos(), () -> false, watch, churn, coming, heartbeats);
            long to = loop.now();
            churn.tally().measureTo(to);
            Meter.Reading end = meter.read();
            Optional<Pauses> pauses = log.isPresent() ? Optional.of(Pauses.since(logged, log.get())) : Optional.empty();
            RunResult.Generator generator = new RunResult.Generator(
                    end.clientCpuSince(start),
                    (loop.busyNanos() - busyBefore) * 1.0 / (to - from),
                    loop.reads() - readsBefore);
            churn.tick(to);
            churn.stop(to);

            coming.stop();
            watch.phase("coming back", to);
            loop.run(to + BACK_PATIENCE.toNanos() + away.toNanos(), churn::isReady, watch, coming, heartbeats);
            watch.phase("draining", loop.now());
            long seen;
            do {
                seen = churn.got() + churn.diffs();
                loop.run(
                        loop.now() + DRAIN_PATIENCE.toNanos(),
                        () -> churn.settled() && churn.wrongViews() == 0,
                        watch,
                        heartbeats);
            } while (churn.got() + churn.diffs() > seen);
            Meter.Reading last = meter.read();
            ChurnResult result = new ChurnResult(
                    settings,
                    (to - from) / 1e9,
                    new ChurnResult.Messages(
                            churn.due(),
                            churn.got(),
                            churn.repeated(),
                            churn.tally().unknownArrivals(),
                            churn.tally().unsentMessages()),
                    new ChurnResult.Comings(
                            coming.left(),
                            churn.recovered(),
                            churn.unrecovered(),
                            churn.tally().refusals(),
                            churn.absent(),
                            churn.states(),
                            churn.diffs(),
                            churn.wrongViews()),
                    Optional.of(churn.tally().latencies())
                            .filter(latencies -> latencies.getTotalCount() > 0)
                            .map(RunResult.Latency::of),
                    pauses,
                    end.serverCpuSince(start),
                    before.serverMemory()
                            .map(bytes -> new RunResult.Memory(
                                    bytes,
                                    start.serverMemory().orElse(0L),
                                    last.serverMemory().orElse(0L),
                                    meter.maxMemory())),
                    generator,
                    end.otherCpuSince(start),
                    loop.failures().kinds());
            loop.finish(CLOSE_PATIENCE.toNanos());
            return result;
        } finally {
            progress.done();
        }
    }
}
