package io.heliodor.transport.http;

import io.heliodor.session.budget.UploadPace;
import java.time.Duration;

/**
 * The time by which the next byte of a body must arrive: at first the timeout. Each part moves it at the {@link UploadPace}
 * of its bytes, but never further than the timeout after the part: the bytes that came fast permit no longer silence. A gap
 * does not move it: after a long silence the next one must be short. Times come with the calls.
 */
final class BodyDeadline {
    private final long timeout;
    private long at;

    /**
     * The deadline of a body of which nothing has arrived.
     *
     * @param timeout the time for the first byte, and the maximum of each gap
     * @param now the present time, monotonic, in nanoseconds
     */
    BodyDeadline(Duration timeout, long now) {
        this.timeout = timeout.toNanos();
        this.at = now + this.timeout;
    }

    /** Bytes arrived. */
    void arrived(int bytes, long now) {
        at = now + Math.min(at - now + UploadPace.allowed(Duration.ZERO, bytes), timeout);
    }

    /** The nanoseconds until the deadline; zero or less if it has passed. */
    long left(long now) {
        return at - now;
    }
}
