package io.heliodor.session.fanout;

import io.heliodor.history.VersionVector;
import io.heliodor.session.lane.LaneEntry;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a join: each broadcast that is published after it reaches the channel, after the reply. Rules 1 to 7 of
 * {@code docs/design/join.md}.
 */
public final class JoinBarrier {
    private enum Progress {
        HANDLED,
        COMPLETED,
        OVERRUN
    }

    private final Member member;
    private final Members members;
    private final @Nullable Recovery recovery;
    private final VersionVector position;

    /** Of the handler's thread, which completes it, and the lane, where it overruns. */
    private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.HANDLED);

    // On the lane.

    /** The end of the backlog when it began; null before, and after its end. */
    JoinBacklog.@Nullable Link from;

    @Nullable
    JoinBarrier older;

    @Nullable
    JoinBarrier newer;

    /**
     * A barrier, under its topic's lock.
     *
     * @param recovery what the token of its client recovers; null without a history
     * @param position the position of the history
     */
    JoinBarrier(Member member, Members members, @Nullable Recovery recovery, VersionVector position) {
        this.member = member;
        this.members = members;
        this.recovery = recovery;
        this.position = position;
    }

    Member member() {
        return member;
    }

    Members members() {
        return members;
    }

    @Nullable
    Recovery recovery() {
        return recovery;
    }

    /** The position of the history when it began. */
    VersionVector position() {
        return position;
    }

    /** The handler has returned: it does not overrun any more. Returns false if it has. On the handler's thread. */
    public boolean complete() {
        return progress.compareAndSet(Progress.HANDLED, Progress.COMPLETED);
    }

    /** Too much was broadcast meanwhile. Returns false if the handler has returned. On the lane. */
    boolean overrun() {
        return progress.compareAndSet(Progress.HANDLED, Progress.OVERRUN);
    }

    /** It has begun in the lane. */
    static final class BegunEntry extends LaneEntry {
        private final JoinBarrier barrier;

        BegunEntry(JoinBarrier barrier) {
            this.barrier = barrier;
        }

        @Override
        public void perform() {
            barrier.member.begun(barrier);
        }

        @Override
        public void fault(Throwable fault) {
            barrier.member.fault(fault);
        }
    }
}
