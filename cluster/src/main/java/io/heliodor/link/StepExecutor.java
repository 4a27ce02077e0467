package io.heliodor.link;

import java.util.function.BooleanSupplier;

/** Who gives a link its turns: in production a virtual thread for whatever has something to do, in a simulation the seed. */
@FunctionalInterface
interface StepExecutor {
    StepExecutor VIRTUAL = (about, turn) -> Thread.ofVirtual()
            .name("link " + about)
            .inheritInheritableThreadLocals(false)
            .start(() -> {
                boolean more = true;
                while (more) {
                    more = turn.getAsBoolean();
                }
            });

    /**
     * Calls the turn again and again, one call at a time, until it says that nothing is left.
     *
     * @param about to whom it sends; the node itself when it only tells
     */
    void run(Peer about, BooleanSupplier turn);
}
