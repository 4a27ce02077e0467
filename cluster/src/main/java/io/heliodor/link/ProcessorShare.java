package io.heliodor.link;

import java.util.concurrent.locks.LockSupport;

/**
 * The time that a virtual thread takes without a pause, when it may find work for ever. Nothing else takes the processor from
 * it.
 *
 * <p>Used by one thread at a time. See the section on the scheduler of virtual threads in {@code docs/design/flow.md}.
 */
public final class ProcessorShare {
    /** A pause takes some 60 µs: about 3 % of the time. */
    private static final long SHARE_NANOS = 2_000_000;

    /** The steps between two looks at the clock. A power of two. */
    private static final int STEPS = 16;

    // The clock of the machine, because the processor is real also where a test has a clock of its own.
    private long since = System.nanoTime();
    private int steps;

    /** A whole share. */
    public ProcessorShare() {}

    /** Counts a step. After 2 ms lets other threads run. */
    public void step() {
        if ((++steps & (STEPS - 1)) == 0 && System.nanoTime() - since >= SHARE_NANOS) {
            // Not Thread.yield: a thread that yields stays in the queue of its processor, which serves it again.
            LockSupport.parkNanos(1);
            since = System.nanoTime();
        }
    }
}
