package io.heliodor.benchmarks;

import io.heliodor.benchmarks.cluster.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A run that measures nodes of Heliodor and bare channels of JGroups in turn. */
record ClusterRun(Plan plan, Security security, Progress progress) {
    /** The time after the start whose CPU time does not count for idle nodes. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    /** The measurements. */
    enum Part {
        UNICAST,
        BROADCAST,
        ROUNDTRIP,
        IDLE
    }

    /** The kinds of connections. */
    enum Security {
        PLAIN,
        TLS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The compared operations of each measurement. */
    private enum Rows {
        UNICAST(Part.UNICAST, Operation.UNICAST, Operation.UNICAST),
        BROADCAST(Part.BROADCAST, Operation.BROADCAST, Operation.BROADCAST),
        BROADCAST_MULTICAST(Part.BROADCAST, Operation.BROADCAST, Operation.MULTICAST),
        PUBLISH(Part.BROADCAST, Operation.PUBLISH, Operation.BROADCAST),
        ECHO(Part.ROUNDTRIP, Operation.ECHO, Operation.ECHO),
        CALL(Part.ROUNDTRIP, Operation.CALL, Operation.ECHO),
        PING(Part.ROUNDTRIP, Operation.PING, Operation.ECHO);

        private final Part part;
        private final Operation heliodor;
        private final Operation jgroups;

        Rows(Part part, Operation heliodor, Operation jgroups) {
            this.part = part;
            this.heliodor = heliodor;
            this.jgroups = jgroups;
        }
    }

    /**
     * The options of a run.
     *
     * @param idle how long nodes do nothing
     */
    record Plan(
            int nodes,
            int size,
            int pairs,
            Duration warmUp,
            Duration time,
            Duration idle,
            Set<Part> parts,
            List<String> flags) {
        private List<Rows> rows() {
            return Arrays.stream(Rows.values())
                    .filter(row -> parts.contains(row.part))
                    .toList();
        }
    }

    /** Starts nodes of both kinds, measures, and ends them. */
    static ClusterResult.Connections over(Security security, Plan plan, Progress progress)
            throws IOException, RunFailed, InterruptedException {
        ClusterRun run = new ClusterRun(plan, security, progress);
        if (security == Security.PLAIN) {
            return run.measure(Optional.empty());
        }
        try (KeyStoreFile keys = KeyStoreFile.create()) {
            return run.measure(Optional.of(keys));
        }
    }

    private ClusterResult.Connections measure(Optional<KeyStoreFile> keys)
            throws IOException, RunFailed, InterruptedException {
        show("starting");
        ClusterNodes.Start start = new ClusterNodes.Start(plan.nodes(), plan.size(), plan.flags(), keys);
        try (ClusterNodes heliodor = ClusterNodes.start(ClusterNodes.Kind.HELIODOR, start);
                ClusterNodes jgroups = ClusterNodes.start(ClusterNodes.Kind.JGROUPS, start)) {
            Optional<ClusterResult.Idle> idle =
                    plan.parts().contains(Part.IDLE) ? idle(heliodor, jgroups) : Optional.empty();
            Map<Rows, List<ClusterResult.Pair>> pairs = new EnumMap<>(Rows.class);
            for (int i = 0; i < plan.pairs(); i++) {
                pair(i, heliodor, jgroups)
                        .forEach((row, pair) -> pairs.computeIfAbsent(row, first -> new ArrayList<>())
                                .add(pair));
            }
            return new ClusterResult.Connections(
                    security,
                    pairs.entrySet().stream()
                            .map(row ->
                                    ClusterResult.Row.of(row.getKey().heliodor, row.getKey().jgroups, row.getValue()))
                            .toList(),
                    idle);
        } finally {
            progress.done();
        }
    }

    /** Each operation once on each side, in turn; rows share what they have in common. */
    private Map<Rows, ClusterResult.Pair> pair(int number, ClusterNodes heliodor, ClusterNodes jgroups)
            throws RunFailed, InterruptedException {
        Map<Operation, ClusterResult.Measured> ours = new EnumMap<>(Operation.class);
        Map<Operation, ClusterResult.Measured> theirs = new EnumMap<>(Operation.class);
        Map<Rows, ClusterResult.Pair> pairs = new EnumMap<>(Rows.class);
        for (Rows row : plan.rows()) {
            measureOnce(number, heliodor, row.heliodor, ours);
            measureOnce(number, jgroups, row.jgroups, theirs);
            pairs.put(row, new ClusterResult.Pair(known(ours, row.heliodor), known(theirs, row.jgroups)));
        }
        return pairs;
    }

    private static ClusterResult.Measured known(Map<Operation, ClusterResult.Measured> measured, Operation operation) {
        return Optional.ofNullable(measured.get(operation)).orElseThrow();
    }

    private void measureOnce(
            int number, ClusterNodes nodes, Operation operation, Map<Operation, ClusterResult.Measured> measured)
            throws RunFailed, InterruptedException {
        if (!measured.containsKey(operation)) {
            show("pair " + (number + 1) + " of " + plan.pairs() + ", " + nodes.kind() + ": " + operation);
            measured.put(operation, nodes.measure(operation, plan.warmUp(), plan.time()));
        }
    }

    /** Both kinds at the same time: they hardly disturb each other. */
    private Optional<ClusterResult.Idle> idle(ClusterNodes heliodor, ClusterNodes jgroups) throws InterruptedException {
        show("idle");
        Thread.sleep(SETTLE);
        Optional<Double> ours = heliodor.cpuSeconds();
        Optional<Double> theirs = jgroups.cpuSeconds();
        long begin = System.nanoTime();
        Thread.sleep(plan.idle());
        double seconds = (System.nanoTime() - begin) / 1e9;
        return idle(heliodor, ours, seconds)
                .flatMap(our -> idle(jgroups, theirs, seconds).map(their -> new ClusterResult.Idle(our, their)));
    }

    private static Optional<ClusterResult.IdleNode> idle(ClusterNodes nodes, Optional<Double> before, double seconds) {
        return before.flatMap(then -> nodes.cpuSeconds()
                .flatMap(now -> nodes.residentBytes()
                        .map(bytes -> new ClusterResult.IdleNode(
                                (now - then) * 1e3 / seconds / nodes.size(), bytes / nodes.size()))));
    }

    private void show(String what) {
        progress.show(security + ", " + what);
    }
}
