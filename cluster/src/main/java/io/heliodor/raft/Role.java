package io.heliodor.raft;

import io.heliodor.link.Peer;

/** The role of a member, with the state that ends with it. {@link RaftState} has the state of all roles. */
sealed interface Role permits Leader, Role.Waiting {
    /** A role without the lead: when its timer ends, the member begins an election. */
    sealed interface Waiting extends Role permits Follower, Unattached, Candidate {
        ElectionTimer timer();
    }

    /**
     * A member that has got a message of the leader of its term.
     *
     * @param leader the leader. It may not lead any more
     * @param seen the time of its last message
     */
    record Follower(Peer leader, long seen, ElectionTimer timer) implements Waiting {}

    /** A member without a known leader of its term, which is not a candidate. */
    record Unattached(ElectionTimer timer) implements Waiting {}

    /** Whether there is a leader that was active lately. */
    default boolean hasLeader(RaftState state) {
        return switch (this) {
            case Leader _ -> true;
            case Follower(Peer leader, long seen, var _) ->
                state.view().has(leader) && state.now() - seen < ElectionTimer.TIMEOUT_NANOS;
            case Candidate _, Unattached _ -> false;
        };
    }
}
