package io.heliodor.session.lane;

import io.heliodor.type.text.EscapedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An element of a {@link Lane}'s queue: one step on the lane's thread. All output of a channel goes through the queue, which
 * keeps it in order. An entry is its own node in the queue, hence used once.
 */
public abstract class LaneEntry {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** The cost of an entry in addition to its message. */
    protected static final int OVERHEAD = 64;

    /** The next entry of the queue; written by the producer of that entry. */
    public volatile @Nullable LaneEntry next;

    /** Whether it goes to the members of a topic. The same at each call. */
    public boolean isBroadcast() {
        return false;
    }

    /** The bytes that it is expected to write, for the limit of the queue. The same at each call. */
    public long expectedCost() {
        return OVERHEAD;
    }

    /** The bytes that it wrote, for the limit of a turn. Called after {@link #perform}. */
    public long cost() {
        return expectedCost();
    }

    /** Performs the step. On the lane's thread, once. */
    public abstract void perform();

    /**
     * Ends the connections of an entry that was performed in part.
     *
     * @param fault what was thrown
     */
    public void fault(Throwable fault) {
        LOG.error("A task of a lane failed.", EscapedException.of(fault));
    }

    /** A step that is none of the others. */
    public static final class Task extends LaneEntry {
        private final Runnable task;

        public Task(Runnable task) {
            this.task = task;
        }

        @Override
        public void perform() {
            task.run();
        }
    }
}
