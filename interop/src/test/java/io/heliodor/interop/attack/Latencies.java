package io.heliodor.interop.attack;

import java.util.Arrays;

/** Times that were measured during a window. */
final class Latencies {
    private long[] nanos = new long[1_024];
    private int count;

    void add(long time) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = time;
    }

    /** The measurements since the last call. */
    Summary drain() {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        count = 0;
        return sorted.length == 0
                ? new Summary(0, 0, 0, 0)
                : new Summary(
                        sorted.length,
                        sorted[sorted.length / 2],
                        sorted[sorted.length * 99 / 100],
                        sorted[sorted.length - 1]);
    }

    /** The number of measurements, and nanoseconds. */
    record Summary(int count, long median, long p99, long worst) {}
}
