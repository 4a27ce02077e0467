package io.heliodor.transport;

import io.heliodor.limit.TokenBucket;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Warnings of one kind that any client can cause, as often as it likes: some are written at once, then one a second, so that
 * nobody can fill the log. The next line that is written is followed by how many were left out. Any thread may use it.
 */
final class BoundedLog {
    private static final int AT_ONCE = 20;
    private static final int PER_SECOND = 1;

    private final Logger log;
    private final String kind;
    private final LongSupplier clock;
    private final TokenBucket bucket;
    private long leftOut;

    /**
     * @param kind what the lines are about, in the plural
     * @param clock monotonic, in nanoseconds
     */
    BoundedLog(Logger log, String kind, LongSupplier clock) {
        this.log = log;
        this.kind = kind;
        this.clock = clock;
        this.bucket = new TokenBucket(AT_ONCE, PER_SECOND, clock.getAsLong());
    }

    /** A warning, as {@link Logger#warn(String, Object...)} writes it. */
    void warn(String format, Object... arguments) {
        long before;
        synchronized (this) {
            if (!bucket.take(clock.getAsLong())) {
                leftOut++;
                return;
            }
            before = leftOut;
            leftOut = 0;
        }
        log.warn(format, arguments);
        if (before > 0) {
            log.warn("{} more lines about {} were left out before this one.", before, kind);
        }
    }
}
