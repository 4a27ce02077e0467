package io.heliodor.presence;

import io.heliodor.presence.announce.StateRecipient;
import java.util.function.Consumer;

/**
 * An owner of presences whose end is noticed, its number in the states, and what it has in all shards. Any thread may use it.
 */
final class OwnerRegistration {
    private final PresenceOwner owner;
    private final long number;
    private volatile boolean watched;
    private volatile boolean ended;

    // Guarded by this.

    /** A bit for each shard in which it may have presences. */
    private long shards;

    /** How many presences it has. */
    private int presences;

    /** Whether its client was sent the state of its topic. */
    private boolean hasState;

    /** The heap that its presences take, if it has a client. */
    private long bytes;

    private long bytesAtEnd;

    OwnerRegistration(PresenceOwner owner, long number) {
        this.owner = owner;
        this.number = number;
    }

    PresenceOwner owner() {
        return owner;
    }

    long number() {
        return number;
    }

    /** It may have presences in a shard from now on. */
    synchronized void enter(int shard) {
        shards |= 1L << shard;
    }

    /** The shards that it entered, a bit for each. */
    synchronized long shards() {
        return shards;
    }

    /** Whether its client is to be sent the state for the first time. */
    synchronized boolean firstState() {
        boolean first = !hasState;
        hasState = true;
        return first;
    }

    /** Whether its end has been reported. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * Counts one presence more, and its heap.
     *
     * @throws IllegalStateException if there are too many, or they take too much memory; nothing is counted then
     */
    synchronized void add(long cost) {
        if (presences >= Presence.MAX_PER_OWNER) {
            throw new IllegalStateException(
                    "The owner has " + Presence.MAX_PER_OWNER + " presences; untrack some, or use several owners.");
        }
        hold(cost);
        presences++;
    }

    /** Counts some presences less, and their heap. */
    synchronized void remove(int count, long cost) {
        presences -= count;
        hold(-cost);
    }

    /** Counts heap for its client; less if negative. An owner that has ended holds nothing any more. */
    synchronized void hold(long more) {
        if (more == 0 || ended || !(owner instanceof StateRecipient audience)) {
            return;
        }
        if (more > 0) {
            audience.hold(more);
        } else {
            audience.release(-more);
        }
        bytes += more;
    }

    /** The heap that its presences took when it ended. */
    synchronized long bytesAtEnd() {
        return bytesAtEnd;
    }

    /** Whether it has ended because its connection was lost. */
    boolean isLost() {
        return owner instanceof StateRecipient audience && audience.isLost();
    }

    /** Notes its end, and gives back what it holds. False if that was done before. */
    private synchronized boolean end() {
        boolean first = !ended;
        if (first) {
            bytesAtEnd = bytes;
        }
        hold(-bytes);
        ended = true;
        return first;
    }

    /**
     * Has the end of the owner reported: at once if it has ended. When this returns, the end has been reported or will be.
     * Threads that track an owner for the first time at the same moment may each do so; it is reported once.
     */
    void watch(Consumer<OwnerRegistration> then) {
        if (watched) {
            return;
        }
        Runnable end = () -> {
            if (end()) {
                then.accept(this);
            }
        };
        if (owner instanceof StateRecipient audience) {
            audience.onGone(end);
        } else {
            owner.onEnd(end);
        }
        watched = true;
    }
}
