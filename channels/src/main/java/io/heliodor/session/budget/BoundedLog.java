package io.heliodor.session.budget;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * A log for lines of one kind that clients can cause as often as they like. It writes up to 20 of them at once and then one a
 * second, so that no client fills the log. The next line that is written is followed by the number of those that were left
 * out. Any thread may use it.
 */
public final class BoundedLog {
    private static final int BURST = 20;
    private static final int LINES_PER_SECOND = 1;

    private final Logger log;
    private final String kind;
    private final LongSupplier clock;
    private final TokenBucket bucket;

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
        this.bucket = new TokenBucket(BURST, LINES_PER_SECOND, clock.getAsLong());
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
            if (!bucket.take(clock.getAsLong())) {
                leftOut++;
                return;
            }
            before = leftOut;
            leftOut = 0;
        }
        line.run();
        if (before > 0) {
            log.warn("{} more lines about {} were left out before this one.", before, kind);
        }
    }
}
