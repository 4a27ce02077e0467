package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Transport;
import io.heliodor.session.telemetry.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The tables of docs/reliability.md, and what was measured when their rows ran. */
final class Reliability {
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    static final Path PAGE = ROOT.resolve("docs/reliability.md");

    /** The sections of the page, by the marks between which their tables stand. */
    static final Map<String, List<Row>> SECTIONS = new LinkedHashMap<>();

    static {
        SECTIONS.put("RequestsTests", RequestsTests.rows());
        SECTIONS.put("WebSocketFramesTests", WebSocketFramesTests.rows());
        SECTIONS.put("PhoenixFramesTests", PhoenixFramesTests.rows());
        SECTIONS.put("MemoryRows", MemoryRows.rows());
        SECTIONS.put("MachineIT", MachineIT.rows());
    }

    private static final Path MEASURED = Path.of("target/reliability");
    private static final String HEAD = """
            | input | outcome | counted as | tested |
            |---|---|---|---|
            """;
    private static final String MEASURED_HEAD = """
            | input | outcome | times | I/O | echoes | p50 ms | p99 ms |
            |---|---|---|---|---|---|---|
            """;
    private static final Map<String, StringBuilder> TOOK = new LinkedHashMap<>();

    private Reliability() {}

    /** The table of a section. */
    static String table(List<Row> rows) {
        StringBuilder table = new StringBuilder(HEAD);
        for (Row row : rows) {
            table.append("| ")
                    .append(String.join(" | ", row.input(), row.outcome(), counted(row), tried(row)))
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String counted(Row row) {
        return row.counted().isEmpty()
                ? ""
                : row.counted().keySet().stream().map(Reliability::metric).collect(Collectors.joining(", "));
    }

    private static String metric(String name) {
        Counter count = Counter.valueOf(name.toUpperCase(Locale.ROOT));
        return "`" + count.metric().substring("heliodor.".length()) + "`"
                + count.reason().map(reason -> " (`" + reason + "`)").orElse("");
    }

    private static String tried(Row row) {
        if (row.run()) {
            return row.times() == 1 ? "once" : String.format(Locale.ROOT, "%d times", row.times());
        }
        Path test = Path.of(row.shownIn().getFirst());
        return "[" + test.getFileName().toString().replaceFirst("\\.java$", "") + "](../" + test + ")";
    }

    /** A row that is shown elsewhere is there. */
    static void isShown(Row row) {
        try {
            assertThat(Files.readString(ROOT.resolve(row.shownIn().getFirst())))
                    .as(row.shownIn().getFirst())
                    .contains(row.shownIn().getLast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes down how long the healthy client's echoes took meanwhile, into target/reliability. */
    static void took(Class<?> section, Row row, Transport transport, long[] nanos) {
        StringBuilder lines = TOOK.computeIfAbsent(section.getSimpleName(), name -> new StringBuilder(MEASURED_HEAD));
        lines.append(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %d | %.2f | %.2f |%n",
                row.input(),
                row.outcome(),
                row.times(),
                transport,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.99)] / 1e6));
        try {
            Files.createDirectories(MEASURED);
            Files.writeString(MEASURED.resolve(section.getSimpleName() + ".md"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
