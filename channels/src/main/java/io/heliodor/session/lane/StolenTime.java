package io.heliodor.session.lane;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time in which a thread could not run: other threads had its processor, or garbage was collected. The first is
 * known in Linux only. The thread itself asks for it.
 */
final class StolenTime {
    /** Of the calling thread, in Linux: nanoseconds on a processor, nanoseconds of waiting for one, and turns. */
    private static final Path SCHEDULING = Path.of("/proc/thread-self/schedstat");

    /** The age of the last question from which stolen time excuses no stay any more. */
    private static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LongSupplier total;
    private final LongSupplier clock;

    /** The total at the last question, and the time of that; negative before the first one. */
    private long last = -1;

    private long lastAt;

    /**
     * The time that is stolen from one thread.
     *
     * @param total as {@link #total}
     * @param clock monotonic, in nanoseconds
     */
    StolenTime(LongSupplier total, LongSupplier clock) {
        this.total = total;
        this.clock = clock;
    }

    /** Nanoseconds since the last question; 0 at the first one. */
    long sinceLast() {
        long before = last;
        last = total.getAsLong();
        lastAt = clock.getAsLong();
        return before < 0 ? 0 : last - before;
    }

    /** Asks again if the last question is some time ago. */
    void forget() {
        if (clock.getAsLong() - lastAt > MAX_AGE_NANOS) {
            long _ = sinceLast();
        }
    }

    /** Nanoseconds since the calling thread began. It reads a file that is in memory. */
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
