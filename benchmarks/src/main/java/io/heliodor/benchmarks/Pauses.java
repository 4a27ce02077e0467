package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * The times in which a JVM stopped all of its threads, by its log of safepoints, which is alike with each collector.
 *
 * @param seconds all of them together
 * @param micros how long they took
 * @param longest of each operation, in microseconds
 */
record Pauses(long count, double seconds, RunResult.Latency micros, Map<String, Double> longest) {
    private static final Pattern STOP = Pattern.compile("Safepoint \"(\\w+)\".* Total: (\\d+) ns");

    /** The JVM option that writes this log. */
    static String option(Path log) {
        return "-Xlog:safepoint:file=" + log + "::filecount=0";
    }

    /** The lines of a log so far. */
    static int lines(Path log) throws IOException {
        return Files.readAllLines(log).size();
    }

    /** The pauses after some lines. */
    static Pauses since(int lines, Path log) throws IOException {
        return of(Files.readAllLines(log).stream().skip(lines).toList());
    }

    static Pauses of(List<String> log) {
        Histogram nanos = new Histogram(3);
        Map<String, Double> longest = new TreeMap<>();
        long sum = 0;
        for (String line : log) {
            Matcher stop = STOP.matcher(line);
            if (stop.find()) {
                long took = Long.parseLong(stop.group(2));
                sum += took;
                nanos.recordValue(took);
                longest.merge(stop.group(1), took / 1e3, Math::max);
            }
        }
        return new Pauses(nanos.getTotalCount(), sum / 1e9, RunResult.Latency.of(nanos), longest);
    }
}
