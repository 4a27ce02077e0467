package io.heliodor.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The presence runs, each against one server. */
final class PresenceRun {
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(60);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(3);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private static final long MEMORY_GAP = 20_000_000;
    private static final int RAMP = 5_000;
    private static final int PAYLOAD = 100;

    private PresenceRun() {}

    private static Plan plan(int connections, Duration warmUp, Duration length) {
        return new Plan(connections, 0, 1, PAYLOAD, RAMP, warmUp, length, Duration.ofHours(1));
    }

    /**
     * A storm.
     *
     * @param members how many
     * @param patience the longest that it may take
     * @param quiet the time without messages after which none follows
     */
    static PresenceResult.StormResult storm(
            int members, Duration patience, Duration quiet, Server server, Progress progress)
            throws IOException, RunFailed {
        Storm storm = new Storm(members);
        Meter meter = new Meter(server.pids());
        try (Loop loop = new Loop(server.targets(), plan(members, Duration.ZERO, Duration.ZERO), storm)) {
            RunMonitor watch = new RunMonitor(
                    progress,
                    meter,
                    () -> String.format(
                            Locale.ROOT,
                            "%d of %d hold all, %,d messages, %s",
                            storm.complete(),
                            members,
                            storm.messages().total(),
                            loop.failures()));
            connect(loop, watch, members);

            Meter.Reading before = meter.read();
            long busyBefore = loop.busyNanos();
            long readsBefore = loop.reads();
            long from = loop.now();
            Periodic memory = now -> {
                meter.readMemory();
                return now + MEMORY_GAP;
            };
            watch.phase("storm", from);
            loop.connections().forEach(Storm::join);
            loop.run(from + patience.toNanos(), storm::settled, watch, memory);
            long to = loop.now();
            Meter.Reading after = meter.read();
            double seconds = (to - from) / 1e9;
            RunResult.Generator generator = new RunResult.Generator(
                    after.clientCpuSince(before),
                    (loop.busyNanos() - busyBefore) / 1e9 / seconds,
                    loop.reads() - readsBefore);

            watch.phase("quiet", to);
            quiet(loop, storm, quiet, watch, memory);
            Optional<PresenceResult.StormServer> use = before.serverMemory()
                    .map(bytes -> new PresenceResult.StormServer(
                            after.serverCpuSince(before).orElse(0.0), bytes, meter.maxMemory()));
            PresenceResult.StormResult result = new PresenceResult.StormResult(
                    members,
                    storm.complete(),
                    storm.same(),
                    seconds,
                    storm.messages(),
                    use,
                    generator,
                    after.otherCpuSince(before),
                    storm.tally().unknownArrivals(),
                    storm.tally().refusals(),
                    loop.failures().kinds());
            loop.finish(CLOSE_PATIENCE.toNanos());
            return result;
        } finally {
            progress.done();
        }
    }

    /** Waits until no further diff comes, which could change a complete state. */
    private static void quiet(Loop loop, Storm storm, Duration quiet, Periodic... tasks) throws IOException {
        long received;
        do {
            received = storm.messages().total();
            loop.run(loop.now() + quiet.toNanos(), () -> false, tasks);
        } while (storm.messages().total() > received);
    }

    static PresenceResult.JoinsResult newcomers(
            int present,
            int connections,
            double rate,
            Duration warmUp,
            Duration length,
            Server server,
            Progress progress)
            throws IOException, RunFailed {
        return newcomers("room:0", present, connections, rate, warmUp, length, server, progress);
    }

    static PresenceResult.JoinsResult newcomers(
            String topic,
            int present,
            int connections,
            double rate,
            Duration warmUp,
            Duration length,
            Server server,
            Progress progress)
            throws IOException, RunFailed {
        Newcomers newcomers = new Newcomers(topic, connections + 1, rate);
        Meter meter = new Meter(server.pids());
        try (Loop loop = new Loop(server.targets(), plan(connections + 1, warmUp, length), newcomers)) {
            RunMonitor watch = new RunMonitor(
                    progress,
                    meter,
                    () -> String.format(
                            Locale.ROOT,
                            "%,d present, %d joins received, %s",
                            present,
                            newcomers.tally().total(),
                            loop.failures()));
            connect(loop, watch, connections + 1);
            loop.run(loop.now() + CONNECT_PATIENCE.toNanos(), newcomers::watched, watch);
            watch.phase("warming up", loop.now());
            newcomers.begin(loop.now());
            loop.run(loop.now() + warmUp.toNanos(), () -> false, watch, newcomers);

            Meter.Reading start = meter.read();
            long busyBefore = loop.busyNanos();
            long readsBefore = loop.reads();
            long from = loop.now();
            newcomers.measureFrom(from);
            watch.phase("joins", from);
            loop.run(from + length.toNanos(), () -> false, watch, newcomers);
            long to = loop.now();
            newcomers.measureTo(to);
            Meter.Reading end = meter.read();
            long busy = loop.busyNanos() - busyBefore;
            long reads = loop.reads() - readsBefore;
            newcomers.stop(to);
            watch.phase("draining", to);
            loop.run(to + DRAIN_PATIENCE.toNanos(), newcomers::settled, watch);

            ArrivalStatistics states = newcomers.tally();
            ArrivalStatistics diffs = newcomers.diffs();
            double seconds = (to - from) / 1e9;
            PresenceResult.JoinsResult result = new PresenceResult.JoinsResult(
                    present,
                    seconds,
                    states.arrivals(),
                    states.arrivals() / seconds,
                    end.serverCpuSince(start)
                            .filter(cpu -> states.arrivals() > 0)
                            .map(cpu -> 1e3 * cpu / states.arrivals()),
                    newcomers.stateBytes().getValueAtPercentile(50),
                    newcomers.diffBytes().getValueAtPercentile(50),
                    latency(states),
                    latency(diffs),
                    new RunResult.Generator(end.clientCpuSince(start), busy / 1e9 / seconds, reads),
                    end.otherCpuSince(start),
                    states.unsentMessages(),
                    2 * newcomers.due() - states.total() - diffs.total(),
                    states.unknownArrivals() + diffs.unknownArrivals(),
                    states.refusals(),
                    loop.failures().kinds());
            loop.finish(CLOSE_PATIENCE.toNanos());
            return result;
        } finally {
            progress.done();
        }
    }

    /**
     * Newcomers, and as many pushes of as many ready bytes to clients that have joined, in turn.
     *
     * @param pairs how often; the first newcomers warm the server up for both
     */
    static PresenceResult.ReadyResult ready(
            int present,
            int connections,
            double rate,
            Duration warmUp,
            Duration length,
            int pairs,
            Server server,
            Progress progress)
            throws IOException, RunFailed {
        List<PresenceResult.ReadyPair> done = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            Duration before = i == 0 ? warmUp : Duration.ofSeconds(1);
            PresenceResult.JoinsResult joins = newcomers(present, connections, rate, before, length, server, progress);
            Plan plan = plan(connections, before, length);
            Trial trial = new Trial(
                    "ready", "pushes", Map.of(), plan, () -> new ReadyPushes(joins.stateBytes(), connections, rate));
            RunResult pushes = Run.of(trial, server, progress);
            done.add(new PresenceResult.ReadyPair(
                    joins.cpuMillisPerJoin().orElseThrow(() -> new RunFailed("no newcomer got its state")),
                    1e3 / pushes.figure().orElseThrow(() -> new RunFailed("no client got its push")),
                    joins.clean() && pushes.clean()));
        }
        return new PresenceResult.ReadyResult(present, done);
    }

    private static Optional<RunResult.Latency> latency(ArrivalStatistics tally) {
        return Optional.of(tally.latencies())
                .filter(latencies -> latencies.getTotalCount() > 0)
                .map(RunResult.Latency::of);
    }

    private static void connect(Loop loop, RunMonitor watch, int connections) throws IOException, RunFailed {
        long began = loop.now();
        watch.phase("connecting", began);
        loop.run(began + CONNECT_PATIENCE.toNanos(), loop::rampDone, watch, now -> loop.ramp(now, began));
        if (loop.openNow() < connections) {
            throw new RunFailed("only " + loop.openNow() + " of " + connections + " clients connected: "
                    + loop.failures().kinds());
        }
    }
}
