package io.heliodor.session.budget;

import java.time.Duration;

/** The slowest pace at which a client may send a message or the body of a request: a time, and a second more for each KiB. */
public final class UploadPace {
    private static final long NANOS_PER_BYTE = 1_000_000_000L >> 10;

    private UploadPace() {}

    /**
     * The time within which more must have arrived.
     *
     * @param time the time for the first byte and for gaps; at most 365 days
     * @param bytes the bytes that have arrived
     * @return nanoseconds from the begin of the message or body
     */
    public static long allowed(Duration time, int bytes) {
        return time.toNanos() + bytes * NANOS_PER_BYTE;
    }
}
