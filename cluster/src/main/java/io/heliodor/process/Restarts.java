package io.heliodor.process;

import java.util.ArrayDeque;

/** Counts restarts in a period that moves with the time. */
final class Restarts {
    private final int max;
    private final long period;
    private final ArrayDeque<Long> recent = new ArrayDeque<>();

    /**
     * @param max how many there may be in a period
     * @param period nanoseconds
     */
    Restarts(int max, long period) {
        this.max = max;
        this.period = period;
    }

    /** Whether there may be one more now; if so it is counted. */
    boolean allow(long now) {
        while (!recent.isEmpty() && now - recent.getFirst() >= period) {
            recent.removeFirst();
        }
        if (recent.size() >= max) {
            return false;
        }
        recent.addLast(now);
        return true;
    }
}
