package io.heliodor.session.fanout;

import io.heliodor.channel.Socket;
import io.heliodor.session.lane.Entry;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.Outbox;
import io.heliodor.wire.Payload;
import org.jspecify.annotations.Nullable;

/** A channel as a member of its topic. Used on the lane's thread, except where stated. */
public abstract class Member {
    static final int NO_INDEX = -1;

    /** Its index among the {@link #members}. */
    int memberIndex = NO_INDEX;

    private @Nullable Members members;

    /** The lane that owns it. Any thread. */
    protected abstract Lane lane();

    /** The outbox of its connection. */
    protected abstract Outbox outbox();

    /** Its connection. */
    protected abstract Socket<?> socket();

    /**
     * Puts a broadcast into the mailbox of the channel, for the intercept of its event. Closes the channel if the mailbox is
     * full.
     */
    protected abstract void intercept(Members.BroadcastEntry entry);

    /**
     * Writes the reply of the join, then lets the channel become a member, in one step: no message of the topic comes before
     * the reply or is missed after it.
     *
     * @param newMembers its members, to be {@linkplain #enter entered}
     * @param reply the reply of the join handler
     * @param recovery the messages of a history that it missed; null without a history
     */
    protected abstract void joined(Members newMembers, Payload.Json reply, @Nullable Recovery recovery);

    /** Ends its connection for a fault of the server. */
    protected abstract void fault(Throwable fault);

    /** Whether it is one of these members. Called on their lane, which may be another one. */
    boolean isIn(Members others) {
        // The lane first: the members of a channel may be read on its own lane alone.
        return lane() == others.lane() && members == others;
    }

    /** Assigns the members, before the reply is written. */
    protected final void assign(Members newMembers) {
        members = newMembers;
    }

    /** Adds the channel to its members: it gets the broadcasts from now on. */
    protected final void enter() {
        if (members != null) {
            members.add(this);
        }
    }

    /** Writes the broadcasts to its topic that wait for the end of the turn. */
    public final void flushBatch() {
        if (members != null) {
            members.flushBatch();
        }
    }

    /** Ends the membership, if there is one. */
    protected final void leaveTopic() {
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
    static final class JoinedEntry extends Entry {
        private final Member member;
        private final Members members;
        private final Payload.Json reply;
        private final @Nullable Recovery recovery;

        JoinedEntry(Member member, Members members, Payload.Json reply, @Nullable Recovery recovery) {
            this.member = member;
            this.members = members;
            this.reply = reply;
            this.recovery = recovery;
        }

        @Override
        public void perform() {
            member.joined(members, reply, recovery);
        }

        @Override
        public void fault(Throwable fault) {
            member.fault(fault);
        }
    }
}
