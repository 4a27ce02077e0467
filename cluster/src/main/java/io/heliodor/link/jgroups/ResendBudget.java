package io.heliodor.link.jgroups;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * A token bucket for the bytes that are sent again without a request: 64 KiB at once, and 4 KiB a second. Times come with the
 * calls. Thread-safe.
 */
final class ResendBudget {
    static final long BURST = 64 << 10;
    static final long BYTES_PER_SECOND = 4 << 10;

    private static final double NANOS = 1e9;

    @GuardedBy("this")
    private double tokens = BURST;

    @GuardedBy("this")
    private long updated;

    ResendBudget(long now) {
        updated = now;
    }

    /** Takes this number of bytes if they are there. A message that is larger than the bucket needs a full one. */
    synchronized boolean take(long bytes, long now) {
        tokens = Math.min(BURST, tokens + (now - updated) / NANOS * BYTES_PER_SECOND);
        updated = now;
        if (tokens < Math.min(bytes, BURST)) {
            return false;
        }
        tokens -= bytes;
        return true;
    }
}
