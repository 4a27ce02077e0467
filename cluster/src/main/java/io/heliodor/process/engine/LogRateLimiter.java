package io.heliodor.process.engine;

import io.heliodor.link.Time;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one line of a kind into the log each second. */
public final class LogRateLimiter {
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final Time time;
    private final AtomicLong next;

    /**
     * A gate that is open.
     *
     * @param time what says when it opens again
     */
    public LogRateLimiter(Time time) {
        this.time = time;
        this.next = new AtomicLong(time.nanos());
    }

    /**
     * Whether a line may be written now; if so, no other for a second.
     *
     * @return true if it may
     */
    public boolean permits() {
        long at = time.nanos();
        long open = next.get();
        return at - open >= 0 && next.compareAndSet(open, at + PERIOD);
    }
}
