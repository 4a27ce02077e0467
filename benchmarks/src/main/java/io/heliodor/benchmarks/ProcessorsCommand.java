package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "processors",
        description = {
            "Fan-out and echo on a server that has only some of the processors (taskset and -XX:ActiveProcessorCount), and some "
                    + "event loops, each with a lane. The generator has the other processors, if there are any.",
            "Rate, CPU and latency, each against the first of --servers; with --profile the waits of the server's threads.",
        })
final class ProcessorsCommand implements Callable<Integer> {

    /** A load. */
    enum Kind {
        FANOUT(Traffic.SHOUT, 1_000, 1, 1),
        FANOUT_FOUR(Traffic.SHOUT, 1_000, 1, 4),
        TOPICS(Traffic.SHOUT, 1_000, 100, 1),
        TOPICS_FOUR(Traffic.SHOUT, 1_000, 100, 4),
        ECHO(Traffic.ECHO, 200, 1, 1),
        ECHO_FOUR(Traffic.ECHO, 200, 1, 4);

        private final Traffic traffic;
        private final int connections;
        private final int topics;
        private final int window;

        Kind(Traffic traffic, int connections, int topics, int window) {
            this.traffic = traffic;
            this.connections = connections;
            this.topics = topics;
            this.window = window;
        }

        Scenario scenario(Plan plan) {
            Load load = new Load(window, 0);
            return traffic.isRequest() ? new Echo(plan, load) : new Fanout(plan, load);
        }
    }

    /** A server with some processors and event loops. */
    record Limited(int processors, int loops) {
        /** Parses {@code 2x1}: two processors and one loop. */
        static final class Converter implements ITypeConverter<Limited> {
            @Override
            public Limited convert(String value) {
                if (!value.matches("[1-9]\\d{0,2}x[1-9]\\d{0,2}")) {
                    throw new TypeConversionException("'" + value + "' is not processors and loops, such as 2x1");
                }
                String[] both = value.split("x", -1);
                return new Limited(Integer.parseInt(both[0]), Integer.parseInt(both[1]));
            }
        }

        /** The number of processors by which the server has this number of loops: a half of it. */
        private int seen() {
            return Math.clamp(processors, loops == 1 ? 1 : 2 * loops, 2 * loops + 1);
        }

        String command(JvmOptions jvm, String added) {
            return "taskset -c 0-" + (processors - 1) + " "
                    + jvm.server("-XX:ActiveProcessorCount=" + seen() + " " + added);
        }

        String label() {
            return "  " + processors + " processors, " + loops + " loops";
        }
    }

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final JvmOptions jvm = new JvmOptions();

    @Option(
            names = "--servers",
            paramLabel = "PxL",
            split = ",",
            defaultValue = "1x1,2x1,2x2",
            converter = Limited.Converter.class,
            description = "Processors and event loops of the servers (${DEFAULT-VALUE}).")
    private List<Limited> servers = List.of();

    @Option(
            names = "--loads",
            paramLabel = "LOAD",
            split = ",",
            defaultValue = "fanout,topics,topics_four,echo",
            description = "${COMPLETION-CANDIDATES}: 1 topic of 1000, 100 topics of 10, 200 clients; four in flight"
                    + " (${DEFAULT-VALUE}).")
    private List<Kind> loads = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "Runs of each load and server (${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Mixin
    private final TimingOptions timing = new TimingOptions(8, 3);

    @Option(
            names = "--profile",
            paramLabel = "DIRECTORY",
            description =
                    "Record each load once more on the last server with JFR, as LOAD.jfr in DIRECTORY, and print the"
                            + " longest waits of its threads.")
    private @Nullable Path profile;

    private final int available = Runtime.getRuntime().availableProcessors();
    private final Progress progress = Progress.onStandardError();

    @Override
    public Integer call() throws Exception {
        for (Limited each : servers) {
            if (each.processors() > available) {
                throw output.wrong("--servers " + each.processors() + "x" + each.loops() + ": this machine has "
                        + available + " processors");
            }
        }
        output.checkFiles(
                loads.stream().mapToInt(load -> load.connections).max().orElse(0));
        List<CostResult.Group> groups = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Kind kind : loads) {
            List<Cost.Variant> variants = servers.stream()
                    .map(each -> new Cost.Variant(each.label(), () -> Cost.Sample.of(run(kind, each, ""))))
                    .toList();
            groups.add(new CostResult.Group(kind.name().toLowerCase(Locale.ROOT), Cost.of(rounds, variants)));
            if (profile != null) {
                notes.addAll(profile(kind, Files.createDirectories(profile)));
            }
        }
        if (servers.stream().anyMatch(each -> each.processors() == available)) {
            notes.add("the generator shared the processors of the servers that have all " + available);
        }
        CostResult result = new CostResult("processors", output.settings("rounds", "seconds", "warmup"), groups, notes);
        return output.print(result.text(), result, result.clean());
    }

    private RunResult run(Kind kind, Limited on, String added) throws IOException, RunFailed, InterruptedException {
        Plan plan = timing.plan(kind.connections, kind.topics, Plan.PAYLOAD);
        Trial trial = new Trial("processors", "arrivals", Map.of(), plan, () -> kind.scenario(plan));
        pin(on.processors() == available ? 0 : on.processors());
        return RunOptions.against(trial, ServerProcess.start(on.command(jvm, added)), progress);
    }

    /** Puts the threads of this process on the processors from a number on. */
    private void pin(int from) throws IOException, RunFailed, InterruptedException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Process taskset = new ProcessBuilder("taskset", "-a", "-c", "-p", from + "-" + (available - 1), pid)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (taskset.waitFor() != 0) {
            throw new RunFailed("taskset could not put the generator on the processors from " + from + " on");
        }
    }

    private List<String> profile(Kind kind, Path directory) throws IOException, RunFailed, InterruptedException {
        String name = kind.name().toLowerCase(Locale.ROOT);
        Path recording = directory.toAbsolutePath().resolve(name + ".jfr");
        RunResult run = run(kind, servers.getLast(), ContentionProfile.option(recording));
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s on%s with a profile of %.0f s: %s",
                name,
                servers.getLast().label().substring(1),
                run.seconds() + Values.seconds(timing.warmUp()),
                recording));
        lines.addAll(ContentionProfile.of(recording));
        return lines;
    }
}
