package io.heliodor.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** What all subcommands have in common: which server, where the result goes, and the run itself. */
final class RunOptions {
    private static final int SPARE_FILES = 100;
    private static final String STANDARD_OUTPUT = "-";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--serve",
            paramLabel = "CMD",
            defaultValue = "${sys:heliodor.serve:-${env:HELIODOR_SERVE}}",
            description = "Command line of the server; '--port 0' is appended, or a free port put in place of {port}. "
                    + "Default: the system property heliodor.serve or HELIODOR_SERVE.")
    private @Nullable String serve;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Use the server that runs there, such as http://127.0.0.1:4000.")
    private @Nullable String url;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            converter = Values.Count.class,
            description = "Process of the server at --url, to see its CPU and memory.")
    private @Nullable Integer serverPid;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result as JSON to FILE, or - to print it.")
    private @Nullable String json;

    @Option(
            names = "--compare",
            paramLabel = "CMD",
            description = "Run in turn against the server that CMD starts and print the ratios.")
    private @Nullable String compare;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "3",
            description = "Pairs of runs with --compare (${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
            names = "--ramp",
            paramLabel = "N",
            converter = Values.Count.class,
            defaultValue = "5000",
            description = "Connections opened a second, at most (${DEFAULT-VALUE}).")
    private int ramp;

    @Option(
            names = "--heartbeat",
            paramLabel = "SECONDS",
            converter = Values.Seconds.class,
            defaultValue = "30",
            description = "Time between two heartbeats of a connection (${DEFAULT-VALUE}).")
    private Duration heartbeat = Duration.ZERO;

    int ramp() {
        return ramp;
    }

    Duration heartbeat() {
        return heartbeat;
    }

    /** Runs a trial as the options say, prints what came out, and says with which status to exit. */
    int run(Trial trial) throws IOException, RunFailed, InterruptedException {
        check(trial);
        Progress progress = Progress.onStandardError();
        String second = compare;
        if (second == null) {
            RunResult result = once(trial, progress);
            return print(TextReport.of(result), result, result.clean());
        }
        List<Comparison.Pair> done = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            RunResult a = once(trial, progress);
            err(TextReport.of(a));
            RunResult b = against(trial, ServerProcess.start(second), progress);
            err(TextReport.of(b));
            done.add(Comparison.Pair.of(a, b));
        }
        String figure = done.getFirst().a().arrivals().isPresent()
                ? trial.counted() + " a server CPU second"
                : "bytes a connection";
        Comparison comparison = Comparison.of(figure, url == null ? command() : url, second, done);
        return print(comparison.text(), comparison, comparison.clean());
    }

    private RunResult once(Trial trial, Progress progress) throws IOException, RunFailed, InterruptedException {
        return against(trial, url == null ? ServerProcess.start(command()) : runningServer(url), progress);
    }

    private static RunResult against(Trial trial, Server server, Progress progress) throws IOException, RunFailed {
        try (server) {
            return Run.of(trial, server, progress);
        }
    }

    private void check(Trial trial) {
        if (url == null) {
            command();
            if (serverPid != null) {
                throw wrong("--server-pid needs --url; a server started by --serve is watched anyway");
            }
        } else {
            runningServer(url).close();
        }
        if (heartbeat.isZero()) {
            throw wrong("--heartbeat must be more than 0 seconds");
        }
        int connections = trial.plan().connections();
        Optional<Long> files = ProcSample.openFilesLimit();
        if (files.isPresent() && connections > files.get() - SPARE_FILES) {
            throw wrong("--connections " + connections + " is more than the " + files.get()
                    + " files that this process may hold open (ulimit -n)");
        }
    }

    private String command() {
        if (serve == null || serve.isBlank()) {
            throw wrong("--serve or --url is missing: there is no server to load");
        }
        return serve;
    }

    private Server runningServer(String at) {
        try {
            return Server.running(Target.of(at), serverPid == null ? OptionalLong.empty() : OptionalLong.of(serverPid));
        } catch (IllegalArgumentException e) {
            throw wrong("--url: " + e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private int print(String table, Object result, boolean clean) throws IOException {
        boolean jsonPrinted = STANDARD_OUTPUT.equals(json);
        if (jsonPrinted) {
            err(table);
            out(json(result) + System.lineSeparator());
        } else {
            out(table);
            if (json != null) {
                Files.writeString(Path.of(json), json(result) + System.lineSeparator());
            }
        }
        return clean ? 0 : 1;
    }

    static String json(Object result) {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()
                .writeValueAsString(result);
    }

    private void out(String text) {
        print(spec.commandLine().getOut(), text);
    }

    private void err(String text) {
        print(spec.commandLine().getErr(), text);
    }

    private static void print(PrintWriter to, String text) {
        to.print(text);
        to.flush();
    }
}
