package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one listener about one topic: at once when it was quiet, and once in each window while changes go on. A virtual
 * thread that exists while there is something to tell, and for one window longer.
 */
abstract class PacedPublisher<M> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    final Presence<M> presence;
    final Shard<M> shard;
    final String topic;

    /** Guarded by the shard's lock. */
    private PendingDiff<M> gathering = new PendingDiff<>();

    private boolean running;

    PacedPublisher(Presence<M> presence, Shard<M> shard, String topic) {
        this.presence = presence;
        this.shard = shard;
        this.topic = topic;
    }

    /** Under the shard's lock. */
    void gather(Changes<M> changes) {
        gathering.add(changes);
    }

    /** Under the shard's lock: whether there is something to tell. */
    boolean due() {
        return !gathering.isEmpty();
    }

    /** Under the shard's lock. True if the caller is to run it on a thread of its own. */
    boolean starts() {
        boolean starts = due() && !running;
        running |= starts;
        return starts;
    }

    @Override
    public void run() {
        Taken<M> taken = take();
        while (taken != null) {
            try {
                speak(taken.state(), taken.gathered());
            } catch (Throwable e) {
                LOG.error("What happened on {} was not told.", topic, e);
            }
            // An interrupt that user code left behind would end each pause at once.
            Thread.interrupted();
            presence.pause();
            taken = take();
        }
    }

    private record Taken<M>(State<M> state, PendingDiff<M> gathered) {}

    /** In one step, so that what is not in this state is in a later gathering. */
    private @Nullable Taken<M> take() {
        return shard.<@Nullable Taken<M>>step(() -> {
            if (!due()) {
                running = false;
                silent();
                return null;
            }
            Taken<M> taken = new Taken<>(shard.state(), gathering);
            gathering = new PendingDiff<>();
            taken();
            return taken;
        });
    }

    /** Under the shard's lock, in the step that takes what was gathered. */
    void taken() {}

    /** Under the shard's lock: there is nothing to tell any more. */
    void silent() {}

    /** Tells what was gathered up to this state. Without a lock; may block. */
    abstract void speak(State<M> state, PendingDiff<M> gathered);
}
