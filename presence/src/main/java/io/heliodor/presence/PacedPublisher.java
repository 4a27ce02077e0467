package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.State;
import io.heliodor.type.text.ControlCharacters;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the changes of one topic: at once after a quiet time, and once in each window while changes go on. It runs on a virtual
 * thread, which starts when something is due and ends after a window without changes.
 */
abstract class PacedPublisher<M> implements Runnable {
    final Shard<M> shard;
    final String topic;

    /** Guarded by the shard's lock. */
    private PendingDiff<M> pending = new PendingDiff<>();

    /** Whether there is a thread. Guarded by the shard's lock. */
    private boolean running;

    PacedPublisher(Shard<M> shard, String topic) {
        this.shard = shard;
        this.topic = topic;
    }

    /** Under the shard's lock. */
    void add(Changes<M> changes) {
        pending.add(changes);
    }

    /** Whether something is to be published. Under the shard's lock. */
    boolean isDue() {
        return !pending.isEmpty();
    }

    /** Marks it as running if something is due; the caller then starts the thread. Under the shard's lock. */
    boolean starts() {
        boolean starts = isDue() && !running;
        running |= starts;
        return starts;
    }

    @Override
    public void run() {
        Round<M> round = shard.take(this);
        while (round != null) {
            try {
                publish(round.state(), round.diff());
            } catch (Throwable e) {
                shard.failures()
                        .error("Changes of " + ControlCharacters.escaped(topic), e, () -> "were not announced.");
            }
            // An interrupt left behind by user code would end each pause at once.
            Thread.interrupted();
            pause();
            round = shard.take(this);
        }
    }

    /** Blocks until the window is over. */
    void pause() {
        shard.pause();
    }

    record Round<M>(State<M> state, PendingDiff<M> diff) {}

    /**
     * Takes the state and the diff in one step, so that each change is either in this state or in a later diff. Under the shard's
     * lock. Null if nothing is due.
     */
    @Nullable
    Round<M> take(State<M> state) {
        if (!isDue()) {
            running = false;
            idle();
            return null;
        }
        Round<M> round = new Round<>(state, pending);
        pending = new PendingDiff<>();
        taken();
        return round;
    }

    /** A round was taken. Under the shard's lock, in the same step. */
    void taken() {}

    /** Nothing is due, and the thread ends. Under the shard's lock. */
    void idle() {}

    /** Publishes a round: the state, and the changes that led to it. Without a lock; may block. */
    abstract void publish(State<M> state, PendingDiff<M> diff);
}
