package io.heliodor.session.fanout;

import io.heliodor.channel.Socket;
import io.heliodor.history.Dot;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.LaneEntry;
import io.heliodor.session.lane.Outbox;
import io.heliodor.wire.Payload;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A channel as a member of its topic. Used on the lane's thread, except where stated. */
public abstract class TopicMember implements Recipient {
    static final int NO_INDEX = -1;

    /** Its index among the {@link #members}. */
    int memberIndex = NO_INDEX;

    private @Nullable Members members;

    /** The beginning of its join while the handler runs. */
    private @Nullable JoinBarrier barrier;

    /** The lane that owns it. Any thread. */
    protected abstract Lane lane();

    /** The outbox of its connection. */
    protected abstract Outbox outbox();

    /** Its connection. */
    public abstract Socket<?> socket();

    /**
     * Puts a broadcast into the mailbox of the channel, for the intercept of its event. Closes the channel if the mailbox is
     * full.
     */
    protected abstract void intercept(BroadcastEntry entry);

    /** Its join begins: what is broadcast from now on reaches it, unless it has ended. */
    protected abstract void begun(JoinBarrier barrier);

    /**
     * Writes the reply of the join and what was broadcast since its beginning, then lets the channel become a member, in one step:
     * no message of the topic comes before the reply or is missed after it.
     */
    protected abstract void joined(JoinedEntry join);

    /** Ends its connection for a fault of the server. */
    protected abstract void fault(Throwable fault);

    /** Whether it is one of these members. Called on their lane, which may be another one. */
    @SuppressWarnings("ReferenceEquality") // a set of members is equal to itself alone
    public boolean isIn(Members others) {
        // The lane first: the members of a channel may be read on its own lane alone.
        return lane() == others.lane() && members == others;
    }

    /** Waits for the end of its join handler, with its members. */
    protected final void await(JoinBarrier begun) {
        barrier = begun;
        begun.members().begin(begun);
    }

    /** Assigns the members, before the reply is written. */
    protected final void assign(JoinedEntry join) {
        members = join.barrier.members();
    }

    /** Sends what was broadcast since the beginning of its join, then adds the channel to its members. */
    protected final void enter(JoinedEntry join) {
        barrier = null;
        if (members != null) {
            members.sendBacklog(this, join.barrier, join.known);
            members.add(this);
        }
    }

    /** Writes the broadcasts to its topic that wait for the end of the turn. */
    public final void flushBatch() {
        if (members != null) {
            members.flushBatch();
        }
    }

    /** Ends the membership, if there is one, and the wait of a join. */
    protected final void leaveTopic() {
        if (barrier != null) {
            JoinBacklog.Link _ = barrier.members().end(barrier);
            barrier = null;
        }
        Members left = members;
        if (left == null) {
            return;
        }
        // Without an index its reply could not be written, and it was not added.
        if (memberIndex != NO_INDEX) {
            left.remove(this);
        }
        // After the last batch, which must not bring it its own messages.
        members = null;
        left.topic().leave(left);
    }

    /** The success of a join: the reply, the messages that were missed, then the membership, in one step. */
    protected static final class JoinedEntry extends LaneEntry {
        private final JoinBarrier barrier;
        private final Payload.Json reply;
        private final @Nullable Recovery recovery;
        private final Predicate<Dot> known;

        /**
         * A success.
         *
         * @param reply the reply of the join handler
         * @param recovery the kept messages that it gets first; null without a retention
         * @param known the kept messages since the beginning of the join that its state has
         */
        JoinedEntry(JoinBarrier barrier, Payload.Json reply, @Nullable Recovery recovery, Predicate<Dot> known) {
            this.barrier = barrier;
            this.reply = reply;
            this.recovery = recovery;
            this.known = known;
        }

        /** The reply of the join handler. */
        public Payload.Json reply() {
            return reply;
        }

        /** The name of the topic. */
        public String topic() {
            return barrier.members().topic().name();
        }

        /** The kept messages that it gets first; null without a retention. */
        public @Nullable Recovery recovery() {
            return recovery;
        }

        /** The channel has ended: its membership does, too. */
        public void drop() {
            barrier.members().topic().leave(barrier.members());
            if (recovery != null) {
                recovery.dispose();
            }
        }

        @Override
        public void perform() {
            barrier.member().joined(this);
        }

        @Override
        public void fault(Throwable fault) {
            barrier.member().fault(fault);
        }
    }
}
