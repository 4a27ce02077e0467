package io.heliodor.jwt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/** Logs that keys cannot be fetched: once a minute, with the number of the tokens since the line before. Any thread may use it. */
final class OutageLog {
    private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

    private final Logger log;
    private final LongSupplier nanos;

    @GuardedBy("this")
    private boolean written;

    @GuardedBy("this")
    private long last;

    @GuardedBy("this")
    private long tokens;

    OutageLog(Logger log, LongSupplier nanos) {
        this.log = log;
        this.nanos = nanos;
    }

    void unavailable(String issuer, String reason) {
        long count;
        synchronized (this) {
            long now = nanos.getAsLong();
            tokens++;
            if (written && now - last < INTERVAL) {
                return;
            }
            written = true;
            last = now;
            count = tokens;
            tokens = 0;
        }
        log.warn(
                "The keys of {} cannot be fetched, and {} clients were refused with status 503: {}",
                issuer,
                count,
                reason);
    }
}
