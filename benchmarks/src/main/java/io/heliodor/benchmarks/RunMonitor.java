package io.heliodor.benchmarks;

import java.util.Locale;
import java.util.function.Supplier;

/** Samples the server's memory five times a second, and prints the progress once a second. */
final class RunMonitor implements Periodic {
    private static final long MEMORY_GAP = 200_000_000;
    private static final long LINE_GAP = 1_000_000_000;

    private final Progress progress;
    private final Meter meter;
    private final Supplier<String> status;
    private String phase = "";
    private long since;
    private long nextMemory;
    private long nextLine;

    RunMonitor(Progress progress, Meter meter, Supplier<String> status) {
        this.progress = progress;
        this.meter = meter;
        this.status = status;
    }

    void phase(String name, long now) {
        phase = name;
        since = now;
    }

    @Override
    public long tick(long now) {
        if (now >= nextMemory) {
            meter.readMemory();
            nextMemory = now + MEMORY_GAP;
        }
        if (now >= nextLine) {
            progress.show(String.format(Locale.ROOT, "%s %.0f s: %s", phase, (now - since) / 1e9, status.get()));
            nextLine = now + LINE_GAP;
        }
        return Math.min(nextMemory, nextLine);
    }
}
