package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.FreePort;
import io.heliodor.interop.StartCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Starts nodes, and ends every one of them when it is closed, or when this JVM ends. */
final class NodeShells implements AutoCloseable {
    static final Duration START = Duration.ofMinutes(3);

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> RUNNING.forEach(each -> each.toHandle().destroyForcibly()), "end-nodes"));
    }

    private final List<String> program;
    private final List<NodeShell> shells = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    NodeShells() {
        this(List.of(System.getenv()
                .getOrDefault("HELIODOR_NODE", ROOT.resolve("heliodor") + " node")
                .split(" ", -1)));
    }

    NodeShells(List<String> program) {
        this.program = program;
    }

    /** Starts a node and waits until it has started. */
    NodeShell start(NodeSpec spec) {
        NodeShell shell = begin(spec);
        shell.awaitStarted(START);
        return shell;
    }

    /** Starts nodes at once, and waits until all have started. */
    List<NodeShell> startAll(NodeSpec... specs) {
        List<NodeShell> started = Arrays.stream(specs).map(this::begin).toList();
        started.forEach(shell -> shell.awaitStarted(START));
        return started;
    }

    /** Nodes on loopback, each with all as seeds, started at once. */
    List<NodeShell> startTogether(String... apps) {
        return startTogether(List.of(), Path.of(""), apps);
    }

    /** The same with voters; all nodes have directories. */
    List<NodeShell> startTogether(List<String> voters, Path data, String... apps) {
        List<Integer> ports = Arrays.stream(apps).map(app -> FreePort.find()).toList();
        String[] seeds = ports.stream().map(port -> "127.0.0.1:" + port).toArray(String[]::new);
        NodeSpec[] specs = new NodeSpec[apps.length];
        for (int i = 0; i < apps.length; i++) {
            NodeSpec spec = NodeSpec.local(apps[i]).on(ports.get(i)).seeds(seeds);
            specs[i] = voters.isEmpty() ? spec : spec.voters(voters, data.resolve(apps[i]));
        }
        return startAll(specs);
    }

    /** Starts a node that may not start. */
    NodeShell begin(NodeSpec spec) {
        ProcessBuilder builder = new ProcessBuilder(spec.command(program));
        builder.environment().put("HELIODOR_COOKIE", spec.cookie());
        builder.environment().put("HELIODOR_BUILD", "no");
        builder.environment().put("HELIODOR_JAVA", System.getProperty("java.home"));
        StartCache.environment(builder.environment());
        try {
            Process process = builder.start();
            RUNNING.add(process);
            NodeShell shell = new NodeShell(spec, process);
            synchronized (this) {
                processes.add(process);
                shells.add(shell);
            }
            return shell;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A start that must be refused: nothing on standard output, one line on standard error, status 1. */
    NodeShell refused(NodeSpec spec, String code) {
        NodeShell shell = begin(spec);
        int status = shell.status(START);
        assertThat(shell.log()).as("standard error").startsWith(code).hasLineCount(1);
        assertThat(status).isEqualTo(1);
        assertThat(shell.since(0)).isEmpty();
        return shell;
    }

    /** For a failure: the last output of all of them. */
    synchronized String describe() {
        return shells.stream().map(NodeShell::describe).collect(Collectors.joining("\n"));
    }

    /** Ends all of them, frozen ones too. */
    @Override
    public synchronized void close() {
        for (Process process : processes) {
            process.toHandle().destroyForcibly();
        }
        for (Process process : processes) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                throw NodeShell.interrupted(e);
            }
            RUNNING.remove(process);
        }
        processes.clear();
    }
}
