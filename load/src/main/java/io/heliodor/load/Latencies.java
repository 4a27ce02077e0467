package io.heliodor.load;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Latencies in microseconds, with three digits, up to ten minutes. Any thread may add one; one thread reads. */
final class Latencies {
    private static final long MAX_MICROS = 600_000_000;
    private static final int DIGITS = 3;
    private static final double MICROS_PER_MILLI = 1_000;

    private final Recorder recorder = new Recorder(MAX_MICROS, DIGITS);
    private final Histogram total = new Histogram(MAX_MICROS, DIGITS);
    private Histogram interval = recorder.getIntervalHistogram();

    void add(long nanos) {
        recorder.recordValue(Math.max(0, Math.min(MAX_MICROS, nanos / 1_000)));
    }

    /** Those since the last call, which count for the total from now on. */
    Histogram interval() {
        interval = recorder.getIntervalHistogram(interval);
        total.add(interval);
        return interval;
    }

    /** All, in milliseconds. */
    LoadResult.Latency total() {
        interval();
        return new LoadResult.Latency(
                total.getTotalCount(),
                millis(total.getValueAtPercentile(50)),
                millis(total.getValueAtPercentile(90)),
                millis(total.getValueAtPercentile(99)),
                millis(total.getValueAtPercentile(99.9)),
                millis(total.getMaxValue()));
    }

    static double millis(long micros) {
        return micros / MICROS_PER_MILLI;
    }
}
