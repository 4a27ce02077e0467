package io.heliodor.link;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** Keeps steps until an actor runs them. Several actors may do so: each step is run by one. */
final class StepQueue implements StepExecutor {
    private final Queue<BooleanSupplier> waiting = new ConcurrentLinkedQueue<>();

    @Override
    public void run(Peer peer, BooleanSupplier step) {
        waiting.add(step);
    }

    /** Runs steps until none is left. */
    void runAll() {
        for (BooleanSupplier step = waiting.poll(); step != null; step = waiting.poll()) {
            boolean more = true;
            while (more) {
                more = step.getAsBoolean();
            }
        }
    }
}
