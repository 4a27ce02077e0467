package io.heliodor.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The option of the output of a result: a table for people, and optionally JSON. */
class OutputOptions {
    private static final int SPARE_FILES = 100;
    private static final String STANDARD_OUTPUT = "-";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result as JSON to FILE, or - to print it.")
    private @Nullable String json;

    /** Prints the table, and optionally JSON; returns the exit status. */
    int print(String table, Object result, boolean clean) throws IOException {
        CommandLine line = spec.commandLine();
        if (STANDARD_OUTPUT.equals(json)) {
            print(line.getErr(), table);
            print(line.getOut(), json(result) + System.lineSeparator());
        } else {
            print(line.getOut(), table);
            if (json != null) {
                Files.writeString(Path.of(json), json(result) + System.lineSeparator());
            }
        }
        return clean ? 0 : 1;
    }

    /**
     * The settings of a result: the values of options of this command, durations in seconds.
     *
     * @param options their names without dashes
     */
    Map<String, Object> settings(String... options) {
        Map<String, Object> settings = new LinkedHashMap<>();
        for (String option : options) {
            Object value = spec.findOption("--" + option).getValue();
            settings.put(
                    option.replace('-', '_'),
                    switch (value) {
                        case Duration time -> Values.seconds(time);
                        case Values.Seconds seconds -> seconds.value();
                        default -> value;
                    });
        }
        return settings;
    }

    void err(String text) {
        print(spec.commandLine().getErr(), text);
    }

    private static void print(PrintWriter to, String text) {
        to.print(text);
        to.flush();
    }

    static String json(Object result) {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()
                .writeValueAsString(result);
    }

    /** Validates the number of connections. */
    void checkFiles(int connections) {
        Optional<Long> files = ProcSample.openFilesLimit();
        if (files.isPresent() && connections > files.get() - SPARE_FILES) {
            throw wrong("--connections " + connections + " is more than the " + files.get()
                    + " files that this process may hold open (ulimit -n)");
        }
    }

    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
