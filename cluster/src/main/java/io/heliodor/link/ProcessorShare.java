package io.heliodor.link;

import java.util.concurrent.locks.LockSupport;

/**
 * The steps that a virtual thread takes in a row, when it may find work for ever. Nothing else takes the processor from it.
 *
 * <p>Used by one thread at a time. See the section on the scheduler of virtual threads in {@code docs/design/flow.md}.
 */
public final class ProcessorShare {
    private static final int STEPS = 256;

    private int steps;

    /** A whole share. */
    public ProcessorShare() {}

    /** Counts a step; after each 256 of them lets other threads run, which takes some 60 µs. */
    public void step() {
        if (++steps == STEPS) {
            steps = 0;
            // Not Thread.yield: a thread that yields stays in the queue of its processor, which serves it again.
            LockSupport.parkNanos(1);
        }
    }
}
