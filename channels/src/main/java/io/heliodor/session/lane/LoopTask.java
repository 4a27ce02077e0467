package io.heliodor.session.lane;

/** A channel whose handlers may run on the event loop. As a {@link Runnable} it runs on a thread of the pool. */
public interface LoopTask extends Runnable {
    /** Whether its next handler may run on the loop. On the loop. */
    boolean startsOnLoop();

    /**
     * Runs its handlers, as long as they may run on the loop; a thread of the pool runs the others.
     *
     * @param batch the batch of the calling thread
     */
    void runOnLoop(LoopBatch batch);

    /** The handler that runs at this moment and its topic, for logs; empty if none does. Any thread. */
    String running();
}
