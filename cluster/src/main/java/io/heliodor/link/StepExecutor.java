package io.heliodor.link;

import java.util.function.BooleanSupplier;

/** Runs the steps of a link: in production on virtual threads, in a simulation in an order drawn from the seed. */
@FunctionalInterface
interface StepExecutor {
    StepExecutor VIRTUAL_THREADS = (peer, step) -> Thread.ofVirtual()
            .name("link " + peer)
            .inheritInheritableThreadLocals(false)
            .start(() -> {
                boolean more = true;
                while (more) {
                    more = step.getAsBoolean();
                }
            });

    /**
     * Calls the step repeatedly, one call at a time, until it returns false. Does not wait for that.
     *
     * @param peer the peer to which the steps send; this node for the steps that call the listener
     */
    void run(Peer peer, BooleanSupplier step);
}
