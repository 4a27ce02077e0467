package io.heliodor.benchmarks;

import io.heliodor.benchmarks.cluster.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The connected nodes of one kind, of which the first one sends. */
final class ClusterNodes implements AutoCloseable {
    private static final String PROGRAMS = "io.heliodor.benchmarks.cluster";

    /** The measured program. */
    enum Kind {
        HELIODOR,
        JGROUPS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The settings of the nodes.
     *
     * @param nodes how many
     * @param size bytes of a message
     * @param flags of their JVMs
     * @param keys for encryption; none without
     */
    record Start(int nodes, int size, List<String> flags, Optional<KeyStoreFile> keys) {}

    private final Kind kind;
    private final List<NodeProcess> processes;
    private int trials;

    private ClusterNodes(Kind kind, List<NodeProcess> processes) {
        this.kind = kind;
        this.processes = processes;
    }

    /** Starts the nodes in order, and waits until all are connected. */
    static ClusterNodes start(Kind kind, Start start) throws IOException, RunFailed, InterruptedException {
        ClusterNodes nodes = new ClusterNodes(kind, new ArrayList<>());
        boolean complete = false;
        try {
            List<Long> ports = new ArrayList<>();
            for (int i = 0; i < start.nodes(); i++) {
                NodeProcess next = nodes.add(start, i, ports.isEmpty() ? 0 : ports.getFirst());
                ports.add(next.answer("listening")[0]);
            }
            nodes.all("meet " + ports.stream().map(String::valueOf).collect(Collectors.joining(" ")), "met");
            complete = true;
            return nodes;
        } finally {
            if (!complete) {
                nodes.close();
            }
        }
    }

    private NodeProcess add(Start start, int number, long seed) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(start.flags());
        command.addAll(List.of(
                // They end without a farewell, which the others remark on.
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dorg.slf4j.simpleLogger.log." + PROGRAMS + "=off",
                "-cp",
                System.getProperty("java.class.path"),
                PROGRAMS + ".BenchNode",
                kind.toString(),
                Integer.toString(number),
                Integer.toString(start.nodes()),
                Integer.toString(start.size()),
                Long.toString(seed),
                start.keys().map(keys -> keys.path().toString()).orElse("-")));
        NodeProcess process = NodeProcess.start(
                "node " + number + " of " + kind,
                command,
                start.keys().map(keys -> Map.of("BENCH_SECRET", keys.secret())).orElse(Map.of()));
        processes.add(process);
        return process;
    }

    private void all(String line, String word) throws RunFailed, InterruptedException {
        for (NodeProcess process : processes) {
            process.say(line);
        }
        for (NodeProcess process : processes) {
            process.answer(word);
        }
    }

    Kind kind() {
        return kind;
    }

    /** Runs one operation for a time, and returns its result. */
    ClusterResult.Measured measure(Operation operation, Duration warmUp, Duration time)
            throws RunFailed, InterruptedException {
        NodeProcess sender = processes.getFirst();
        int trial = ++trials;
        sender.ask("start " + operation + " " + trial, "started");
        Thread.sleep(warmUp);
        Optional<Double> before = cpuSeconds();
        sender.ask("measure", "measuring");
        Thread.sleep(time);
        if (!operation.isStream()) {
            long[] asked = sender.ask("end", "asked");
            return ClusterResult.Measured.of(asked[0], asked[1], cpuSince(before), Arrays.copyOfRange(asked, 2, 5));
        }
        sender.ask("end", "sent");
        long count = Long.MAX_VALUE;
        long nanos = 0;
        for (NodeProcess receiver :
                operation.isForAll() ? processes.subList(1, processes.size()) : processes.subList(1, 2)) {
            long[] received = receiver.ask("report " + trial, "received");
            if (received[2] > 0) {
                throw new RunFailed(String.format(
                        Locale.ROOT,
                        "%s, %s: %,d messages were lost, repeated or out of order",
                        kind,
                        operation,
                        received[2]));
            }
            count = Math.min(count, received[0]);
            nanos = Math.max(nanos, received[1]);
        }
        return ClusterResult.Measured.of(count, nanos, cpuSince(before));
    }

    private Optional<Double> cpuSince(Optional<Double> before) {
        return before.flatMap(then -> cpuSeconds().map(now -> now - then));
    }

    /** Of all nodes. */
    Optional<Double> cpuSeconds() {
        return ProcSample.sum(processes.stream().map(NodeProcess::pid).toList(), ProcSample::cpuSeconds);
    }

    /** Of all nodes. */
    Optional<Double> residentBytes() {
        return ProcSample.sum(processes.stream().map(NodeProcess::pid).toList(), ProcSample::residentBytes);
    }

    int size() {
        return processes.size();
    }

    @Override
    public void close() {
        processes.forEach(NodeProcess::close);
    }
}
