package io.heliodor.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * The counts and latencies of arrivals.
 *
 * <p>Arrivals count for the rate when they come within the measured time. A closed loop takes its latencies from the
 * same ones. A fixed rate takes them from what was meant to be sent within the measured time, whenever it arrives: what
 * is late must not fall out of the end.
 */
final class ArrivalStatistics {
    private static final long LONGEST_NANOS = 600_000_000_000L;

    private final boolean fixedRate;
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private long from = Long.MAX_VALUE;
    private long to = Long.MAX_VALUE;
    private long sent;
    private long arrivals;
    private long total;
    private long unknown;
    private long refused;
    private long unsent;

    ArrivalStatistics(boolean fixedRate) {
        this.fixedRate = fixedRate;
    }

    void measureFrom(long now) {
        from = now;
    }

    void measureTo(long now) {
        to = now;
    }

    void sent(long now) {
        if (measured(now)) {
            sent++;
        }
    }

    void arrived(long launchedAt, long now) {
        total++;
        boolean inTime = measured(now);
        if (inTime) {
            arrivals++;
        }
        if (fixedRate ? measured(launchedAt) : inTime) {
            latencies.recordValue(Math.clamp(now - launchedAt, 0, LONGEST_NANOS));
        }
    }

    private boolean measured(long time) {
        return time >= from && time < to;
    }

    /** Counts an unexpected arrival. */
    void unknown() {
        unknown++;
    }

    /** An answer that was not {@code ok}. */
    void refused() {
        refused++;
    }

    /** Messages of the schedule that were due but could not be sent. */
    void unsent(long messages) {
        unsent = messages;
    }

    Histogram latencies() {
        return latencies;
    }

    long messagesSent() {
        return sent;
    }

    /** Arrivals within the measured time. */
    long arrivals() {
        return arrivals;
    }

    /** Arrivals since the start. */
    long total() {
        return total;
    }

    long unknownArrivals() {
        return unknown;
    }

    long refusals() {
        return refused;
    }

    long unsentMessages() {
        return unsent;
    }
}
