package io.heliodor.session.fanout;

import io.heliodor.channel.History;
import io.heliodor.history.ResumeToken;
import io.heliodor.session.lane.LaneEntry;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a join: each broadcast that is published after it reaches the channel, after the reply. Rules 1 to 7 of
 * {@code docs/design/join.md}.
 */
public final class JoinBarrier extends JoinBacklog.Waiting {
    /**
     * A channel that joins.
     *
     * @param member the channel
     * @param kind what it shares with some of the topic's members
     * @param kept what its channel keeps of a topic
     * @param since its last history token, if any
     */
    public record Joining(TopicMember member, Members.Kind kind, Optional<History> kept, Optional<ResumeToken> since) {}

    private enum Progress {
        HANDLED,
        COMPLETED,
        OVERRUN
    }

    private final TopicMember member;
    private final Members members;
    private final @Nullable Recovery recovery;

    /** Of the handler's thread, which completes it, and the lane, where it overruns. */
    private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.HANDLED);

    /**
     * A barrier, under its topic's lock.
     *
     * @param recovery what the token of its client recovers; null without a retention
     */
    public JoinBarrier(TopicMember member, Members members, @Nullable Recovery recovery) {
        this.member = member;
        this.members = members;
        this.recovery = recovery;
    }

    TopicMember member() {
        return member;
    }

    Members members() {
        return members;
    }

    /** The kept messages that it gets; null without a retention. */
    public @Nullable Recovery recovery() {
        return recovery;
    }

    /** The handler has returned: it does not overrun any more. Returns false if it has. On the handler's thread. */
    public boolean complete() {
        return progress.compareAndSet(Progress.HANDLED, Progress.COMPLETED);
    }

    @Override
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
