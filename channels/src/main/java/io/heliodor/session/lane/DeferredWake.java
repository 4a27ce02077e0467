package io.heliodor.session.lane;

import java.util.function.BooleanSupplier;

/** The wake-up of a lane at the end of a batch of handlers: until then their writes do not wake it. */
final class DeferredWake {
    private static final ScopedValue<DeferredWake> CURRENT = ScopedValue.newInstance();

    private final Lane lane;

    /** Whether each write wakes the lane immediately: the batch has ended, or its present handler blocks. */
    private volatile boolean over;

    /** Whether the thread of the batch is on the event loop. */
    private final BooleanSupplier onLoop;

    /** For a batch in the pool. */
    DeferredWake(Lane lane) {
        this(lane, () -> false);
    }

    DeferredWake(Lane lane, BooleanSupplier onLoop) {
        this.lane = lane;
        this.onLoop = onLoop;
    }

    /**
     * Has a handler that is on an event loop leave it, as it is about to wait for that loop or another one. Returns true if it cannot,
     * because it is pinned to the loop by native code or by the initializer of a class.
     */
    @SuppressWarnings("ThreadPriorityCheck") // its effect is that the thread unmounts
    static boolean holdsLoop() {
        if (!CURRENT.isBound() || !CURRENT.get().onLoop.getAsBoolean()) {
            return false;
        }
        Thread.yield();
        return CURRENT.get().onLoop.getAsBoolean();
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
