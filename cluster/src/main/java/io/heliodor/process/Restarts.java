package io.heliodor.process;

import java.util.ArrayDeque;

/** Counts restarts in a period that moves with the time. */
final class Restarts {
    private final int most;
    private final long period;
    private final ArrayDeque<Long> recent = new ArrayDeque<>();

    /**
     * @param most how many there may be in a period
     * @param period nanoseconds
     */
    Restarts(int most, long period) {
        this.most = most;
        this.period = period;
    }

    /** Whether there may be one more now; if so it is counted. */
    boolean allow(long now) {
        while (!recent.isEmpty() && now - recent.getFirst() >= period) {
            recent.removeFirst();
        }
        if (recent.size() >= most) {
            return false;
        }
        recent.addLast(now);
        return true;
    }
}
