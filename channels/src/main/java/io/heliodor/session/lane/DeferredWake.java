package io.heliodor.session.lane;

/** The wake-up of a lane at the end of a batch of handlers: until then their writes do not wake it. */
final class DeferredWake {
    private static final ScopedValue<DeferredWake> CURRENT = ScopedValue.newInstance();

    private final Lane lane;

    /** Whether each write wakes the lane immediately: the batch has ended, or its present handler blocks. */
    private volatile boolean over;

    DeferredWake(Lane lane) {
        this.lane = lane;
    }

    /** Whether the caller runs in a batch that wakes this lane at its end. */
    static boolean isDue(Lane lane) {
        if (!CURRENT.isBound()) {
            return false;
        }
        DeferredWake wake = CURRENT.get();
        return wake.lane == lane && !wake.over;
    }

    /** Runs the handlers of a batch on the calling thread. */
    void during(Runnable handlers) {
        ScopedValue.where(CURRENT, this).run(handlers);
    }

    /** The lane is about to take what was written; each later write wakes it. Any thread. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }
}
