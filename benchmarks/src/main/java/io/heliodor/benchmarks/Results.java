package io.heliodor.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The output of a result: a table for people, and optionally JSON. */
final class Results {
    private static final String STANDARD_OUTPUT = "-";

    private Results() {}

    /**
     * Prints the table, and optionally JSON; returns the exit status.
     *
     * @param json a file, {@code -} for standard output, or null for no JSON
     */
    static int print(CommandLine line, @Nullable String json, String table, Object result, boolean clean)
            throws IOException {
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

    static void print(PrintWriter to, String text) {
        to.print(text);
        to.flush();
    }

    static String json(Object result) {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()
                .writeValueAsString(result);
    }
}
