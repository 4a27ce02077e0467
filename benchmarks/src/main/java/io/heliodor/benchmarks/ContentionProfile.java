package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** The waits of a JVM's threads and the threads that computed, by a recording of JFR. Idle threads of pools are left out. */
final class ContentionProfile {
    private static final int MAX_LINES = 12;
    private static final String JDK = "the JDK";
    private static final String SAMPLE = "jdk.ExecutionSample";

    /** The events of waiting, and the field that names the class of the object. */
    private static final Map<String, String> WAITS = Map.of(
            "jdk.JavaMonitorEnter", "monitorClass",
            "jdk.ThreadPark", "parkedClass",
            "jdk.VirtualThreadPinned", "",
            "jdk.SocketRead", "",
            "jdk.SocketWrite", "");

    private final Map<String, Sum> waits = new HashMap<>();
    private final Map<String, Sum> samples = new HashMap<>();

    private record Sum(String name, long count, long nanos) {
        Sum plus(Sum other) {
            return new Sum(name, count + other.count, nanos + other.nanos);
        }
    }

    private ContentionProfile() {}

    /** The JVM option that records one, without thresholds. */
    static String option(Path recording) {
        return "-XX:StartFlightRecording:filename=" + recording + ",settings=profile,dumponexit=true,"
                + "jdk.JavaMonitorEnter#threshold=0ms,jdk.ThreadPark#threshold=0ms,jdk.VirtualThreadPinned#threshold=0ms,"
                + "jdk.SocketRead#threshold=0ms,jdk.SocketWrite#threshold=0ms";
    }

    /** The longest waits, then the threads that computed, one a line. */
    static List<String> of(Path recording) throws IOException {
        ContentionProfile profile = new ContentionProfile();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                profile.add(file.readEvent());
            }
        }
        return profile.lines();
    }

    private void add(RecordedEvent event) {
        String name = event.getEventType().getName();
        String field = WAITS.get(name);
        if (field != null && !isIdle(event)) {
            RecordedClass of = field.isEmpty() ? null : event.getClass(field);
            String what = name.substring("jdk.".length()) + (of == null ? "" : " " + of.getName()) + " at "
                    + place(event) + " by " + group(event.getThread());
            add(waits, new Sum(what, 1, event.getDuration().toNanos()));
        } else if (name.equals(SAMPLE)) {
            add(samples, new Sum(group(event.getThread("sampledThread")), 1, 0));
        }
    }

    /** Whether a thread waits for work: then all of its frames are the JDK's. */
    private static boolean isIdle(RecordedEvent event) {
        return event.getEventType().getName().equals("jdk.ThreadPark")
                && place(event).equals(JDK);
    }

    private static void add(Map<String, Sum> sums, Sum one) {
        sums.merge(one.name(), one, Sum::plus);
    }

    /** The first frame that is not the JDK's. */
    private static String place(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return "?";
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        return frames.stream()
                .map(frame -> frame.getMethod().getType().getName() + "."
                        + frame.getMethod().getName())
                .filter(method -> !method.startsWith("java.") && !method.startsWith("jdk."))
                .findFirst()
                .orElse(JDK);
    }

    private static String group(RecordedThread thread) {
        if (thread == null) {
            return "?";
        }
        String name = thread.getJavaName();
        return thread.isVirtual() || name == null ? "virtual threads" : name.replaceAll("\\d+", "N");
    }

    private List<String> lines() {
        long all = Math.max(1, samples.values().stream().mapToLong(Sum::count).sum());
        List<String> lines = new ArrayList<>();
        top(waits, Sum::nanos)
                .map(sum -> String.format(
                        Locale.ROOT, "%,d ms in %,d waits: %s", sum.nanos() / 1_000_000, sum.count(), sum.name()))
                .forEach(lines::add);
        top(samples, Sum::count)
                .map(sum -> String.format(Locale.ROOT, "%d %% of Java: %s", 100 * sum.count() / all, sum.name()))
                .forEach(lines::add);
        return lines;
    }

    private static Stream<Sum> top(Map<String, Sum> sums, ToLongFunction<Sum> by) {
        return sums.values().stream()
                .sorted(Comparator.comparingLong(by).reversed())
                .limit(MAX_LINES);
    }
}
