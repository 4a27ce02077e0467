package io.heliodor.session.lane;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The time in which a thread could not run: other threads had its processor, or garbage was collected. The first is
 * known in Linux only.
 */
final class StolenTime {
    /** Of the calling thread, in Linux: nanoseconds on a processor, nanoseconds of waiting for one, and turns. */
    private static final Path SCHEDULING = Path.of("/proc/thread-self/schedstat");

    private StolenTime() {}

    /** Nanoseconds since the thread began. It reads a file that is in memory. */
    static long total() {
        return waited() + collections();
    }

    private static long waited() {
        try {
            String[] figures = Files.readString(SCHEDULING).split(" ", 3);
            return figures.length < 2 ? 0 : Long.parseLong(figures[1]);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static long collections() {
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            // Cycles are concurrent; their pauses have a bean of their own.
            if (!collector.getName().endsWith("Cycles")) {
                millis += Math.max(0, collector.getCollectionTime());
            }
        }
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
