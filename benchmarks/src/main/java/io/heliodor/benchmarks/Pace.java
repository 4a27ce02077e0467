package io.heliodor.benchmarks;

/**
 * The schedule of a fixed rate.
 *
 * <p>The schedule never slips: a message that is sent late keeps its intended time, so that latency taken from it
 * contains the wait.
 */
final class Pace {
    private final double gapNanos;
    private final long start;
    private long sent;

    /**
     * @param perSecond more than 0
     * @param start time of the first one
     */
    Pace(double perSecond, long start) {
        gapNanos = 1e9 / perSecond;
        this.start = start;
    }

    /** The time at which the next message is due. */
    long next() {
        return start + (long) (sent * gapNanos);
    }

    void advance() {
        sent++;
    }

    /** The number of messages that are due and not sent. */
    long behind(long now) {
        return now < next() ? 0 : (long) ((now - start) / gapNanos) + 1 - sent;
    }
}
