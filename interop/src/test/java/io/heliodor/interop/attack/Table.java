package io.heliodor.interop.attack;

import io.heliodor.interop.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The measurements during an attack: printed as it comes, and kept for a file of comma-separated values. */
final class Table {
    private static final Path FOLDER = Path.of("target", "attack");
    private static final String FORMAT = "%5s %8s %8s %8s %8s %6s %6s %6s %6s  %s";
    private static final Object[] HEADS = {
        "s", "p50 ms", "p99 ms", "worst ms", "late ms", "heap", "direct", "RSS", "conns", "vectors"
    };

    private final List<String> lines = new ArrayList<>();
    private final long begun = System.nanoTime();
    private long worstEcho;

    Table() {
        lines.add("seconds,echo_p50_ms,echo_p99_ms,echo_worst_ms,test_late_ms,heap_mib,direct_mib,resident_mib,"
                + "connections,vectors");
        System.out.println(String.format(Locale.ROOT, FORMAT, HEADS) + " (memory in MiB; late: by which the test was)");
    }

    /** Adds a row with the measurements since the last one. */
    void add(ServerProcess server, HealthyCrowd crowd, List<String> vectors) {
        HealthyCrowd.Window window = crowd.window();
        worstEcho = Math.max(worstEcho, window.worst());
        String heap = "";
        String direct = "";
        String connections = "";
        try {
            ServerNumbers numbers = ServerNumbers.read(server.port());
            heap = mebibytes(numbers.heapBytes());
            direct = mebibytes(numbers.directBytes());
            connections = Long.toString(numbers.connections());
        } catch (IOException e) {
            // The cells stay empty: the server did not answer in time, or has ended.
        }
        Object[] cells = {
            Long.toString(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)),
            millis(window.echoes().median()),
            millis(window.echoes().p99()),
            millis(window.worst()),
            millis(window.lateness().worst()),
            heap,
            direct,
            mebibytes(server.residentKilobytes() << 10),
            connections,
            String.join(" ", vectors)
        };
        System.out.println(String.format(Locale.ROOT, FORMAT, cells));
        lines.add(String.join(",", List.of(cells).toArray(String[]::new)));
    }

    /** The longest wait for an echo so far, in nanoseconds. */
    long worstEcho() {
        return worstEcho;
    }

    void write(String name) throws IOException {
        Files.createDirectories(FOLDER);
        Files.write(FOLDER.resolve(name + ".csv"), lines);
    }

    private static String mebibytes(long bytes) {
        return Long.toString(bytes >> 20);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / (double) TimeUnit.MILLISECONDS.toNanos(1));
    }
}
