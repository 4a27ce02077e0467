package io.heliodor.session.lane;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether the handler of one event runs on event loops. It begins on threads of the pool, is promoted when it has returned in time
 * often enough, and goes back after its first long stay on a loop. See {@code docs/design/loop-handlers.md}.
 *
 * <p>All lanes share it. It has no clock: callers give it the time.
 */
public final class Promotion {
    /** The longest stay on a loop that delays others no more than their own messages do. */
    static final long LONG_STAY_NANOS = 100_000;

    static final int MAX_PROBATION = 1 << 16;

    /** The first probation of all handlers. Tests set it to 1, so that each handler runs on loops. */
    private static final int PROBATION = inRange(Integer.getInteger("heliodor.handlers.probation", 64));

    /** After so long on loops the next probation is the first one again. */
    static final long FORGIVEN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int firstProbation;
    private volatile boolean promoted;

    /** The short runs of this probation, less the long ones. */
    private final AtomicInteger runs = new AtomicInteger();

    private volatile int probation;

    @GuardedBy("this")
    private long promotedAt;

    /** A handler in the pool, with the usual probation. */
    public Promotion() {
        this(PROBATION);
    }

    /**
     * A handler in the pool.
     *
     * @param probation the short runs of its first probation. A long run counts as much as so many short ones
     */
    Promotion(int probation) {
        this.firstProbation = probation;
        this.probation = probation;
    }

    /** The nearest possible probation. */
    static int inRange(int configured) {
        return Math.clamp(configured, 1, MAX_PROBATION);
    }

    /** Whether the handler runs on loops. Any thread. */
    public boolean isPromoted() {
        return promoted;
    }

    /**
     * The handler has run on a thread of the pool. Any thread.
     *
     * @param nanos how long
     * @param now the present time, monotonic, in nanoseconds
     */
    public void returned(long nanos, long now) {
        if (promoted) {
            return;
        }
        if (nanos > LONG_STAY_NANOS) {
            if (runs.get() > 0) {
                int _ = runs.accumulateAndGet(firstProbation, (all, lost) -> Math.max(0, all - lost));
            }
        } else if (runs.incrementAndGet() >= probation) {
            promote(now);
        }
    }

    private synchronized void promote(long now) {
        // Another thread may have promoted it, and a loop may have sent it back since.
        if (!promoted && runs.get() >= probation) {
            promotedAt = now;
            promoted = true;
        }
    }

    /**
     * The handler has stayed on a loop for too long. Any thread.
     *
     * @param now the present time, monotonic, in nanoseconds
     * @return whether it goes back; false if another stay has sent it back
     */
    synchronized boolean goBack(long now) {
        if (!promoted) {
            return false;
        }
        probation = now - promotedAt >= FORGIVEN_NANOS ? firstProbation : Math.min(2 * probation, MAX_PROBATION);
        runs.set(0);
        promoted = false;
        return true;
    }

    /** The number of short runs that promote it. */
    int probation() {
        return probation;
    }
}
