package io.heliodor.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * A log for lines of one kind that clients or other nodes can cause as often as they like. It writes up to 20 of them at once and then
 * one a second, so that no client fills the log. The next line that is written is followed by the number of those that were left out. Any
 * thread may use it.
 */
public final class BoundedLog {
    private static final long NANOS_FOR_ONE = TimeUnit.SECONDS.toNanos(1);
    private static final long NANOS_FOR_BURST = 20 * NANOS_FOR_ONE;

    private final Logger log;
    private final String kind;
    private final LongSupplier clock;

    /** The lines that were written have used up the time until here. */
    @GuardedBy("this")
    private long used;

    @GuardedBy("this")
    private long leftOut;

    /**
     * A log that has written nothing.
     *
     * @param log where the number of omitted lines goes
     * @param kind the subject of the lines, in the plural
     * @param clock monotonic, in nanoseconds
     */
    public BoundedLog(Logger log, String kind, LongSupplier clock) {
        this.log = log;
        this.kind = kind;
        this.clock = clock;
        this.used = clock.getAsLong() - NANOS_FOR_BURST;
    }

    /**
     * Writes a warning, or counts it as left out.
     *
     * @param format as for {@link Logger#warn(String, Object...)}
     * @param arguments of the format
     */
    public void warn(String format, Object... arguments) {
        write(() -> log.warn(format, arguments));
    }

    /**
     * Writes a line, or counts it as left out.
     *
     * @param line writes it
     */
    public void write(Runnable line) {
        long before;
        synchronized (this) {
            long now = clock.getAsLong();
            if (now - used > NANOS_FOR_BURST) {
                used = now - NANOS_FOR_BURST;
            }
            if (now - used < NANOS_FOR_ONE) {
                leftOut++;
                return;
            }
            used += NANOS_FOR_ONE;
            before = leftOut;
            leftOut = 0;
        }
        line.run();
        if (before > 0) {
            log.warn("{} more lines about {} were left out before this one.", before, kind);
        }
    }
}
