package io.heliodor.process.engine;

import io.heliodor.link.Time;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Permits one log line each second. */
public final class LogRateLimiter {
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final Time time;
    private final AtomicLong next;

    /**
     * A limiter that permits the first line.
     *
     * @param time the time of the node
     */
    public LogRateLimiter(Time time) {
        this.time = time;
        this.next = new AtomicLong(time.nanos());
    }

    /**
     * Takes the permit of this second.
     *
     * @return false if it was taken
     */
    public boolean permits() {
        long at = time.nanos();
        long open = next.get();
        return at - open >= 0 && next.compareAndSet(open, at + PERIOD);
    }
}
