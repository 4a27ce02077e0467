package io.heliodor.session.fanout;

import io.heliodor.session.lane.Entry;
import io.heliodor.wire.Payload;
import org.jspecify.annotations.Nullable;

/** The success of a join: the reply, the messages that were missed, then the membership, in one step. */
final class JoinedEntry extends Entry {
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
