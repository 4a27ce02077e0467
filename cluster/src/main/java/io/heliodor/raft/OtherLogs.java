package io.heliodor.raft;

import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.RequestVote;
import org.jspecify.annotations.Nullable;

/** The messages of other logs than that of this node, and the leader of one of them. */
final class OtherLogs {
    /** So long a leader goes on while the leader of another log outranks it, and a node without a leader. */
    private static final long OUTRANKED_NANOS = 5_000_000_000L;

    private static final long LEADERLESS_NANOS = 30_000_000_000L;

    private final RaftState state;
    private @Nullable Rival rival;

    OtherLogs(RaftState state) {
        this.state = state;
    }

    /** Replies go to messages of the same log only, so they contain no id of it. */
    boolean has(RaftMessage message) {
        LogId other = switch (message) {
            case AppendEntries append -> append.log();
            case InstallSnapshot install -> install.log();
            case RequestVote request -> new LogId(request.continues(), 0);
            default -> LogId.NONE;
        };
        long own = state.ballot().log().id();
        if (other.id() == own || other.id() == 0 || own == 0 || state.log().isEmpty()) {
            return false;
        }
        // A candidate may be elected by voters that were chosen to continue, and do not have its log yet.
        boolean continued = other.continues() == own || message instanceof RequestVote;
        return !(continued && state.logRole() == LogRole.RECOVERED);
    }

    void received(Peer from, RaftMessage message) {
        if (message instanceof AppendEntries append) {
            rival = Rival.of(from, append, rival, state.now());
        }
    }

    /** Whether another log continues, and that of this leader ends. */
    boolean outrank(Leader own) {
        Rival other = rival;
        return other != null
                && isActive(other)
                && other.outranks(
                        state.areMostConfigured(other.voters()),
                        state.ballot().log(),
                        state.isBegunByMostConfigured()
                                || state.areMostConfigured(own.followers().supporters()),
                        state.log().hasDecisions(),
                        own.followers().supporters());
    }

    /**
     * Whether this node keeps a log without a command. A leader does unless the other log outranks it. Another node does if most voters
     * of its settings began the log, and it has a leader, which decides for both, or the other leader does not lead most of these. So a
     * directory of one voter, from a trial, takes over no cluster.
     */
    boolean resists(Role role) {
        Rival other = rival;
        return role instanceof Leader own
                ? !outrank(own)
                : state.isBegunByMostConfigured()
                        && (role.hasLeader(state)
                                || other == null
                                || !isActive(other)
                                || !state.areMostConfigured(other.voters()));
    }

    boolean areActive() {
        Rival other = rival;
        return other != null && isActive(other);
    }

    private boolean isActive(Rival other) {
        return state.now() - other.seen() < ElectionTimer.TIMEOUT_NANOS;
    }

    /** Time passed. Ends this node if the other log continues without it. */
    void tick(Role role) {
        Rival other = rival;
        if (other == null) {
            return;
        }
        boolean goesOn = role instanceof Leader own
                ? !outrank(own)
                : role.hasLeader(state) || !state.areMostConfigured(other.voters());
        if (!isActive(other) || !state.view().has(other.leader())) {
            rival = null;
        } else if (goesOn) {
            rival = other.tolerated(state.now());
        } else if (state.log().hasDecisions()
                && state.now() - other.since() >= (role instanceof Leader ? OUTRANKED_NANOS : LEADERLESS_NANOS)) {
            throw new IllegalStateException("This node has another log than the voters: "
                    + other.leader().node()
                    + " leads " + other.voters()
                    + " of them. The directory of this node is of another cluster, or it began"
                    + " with another list of voters. Give it an empty directory and the list of the others. If most voters"
                    + " lost their directories, recover this one: see the operating guide.");
        }
    }
}
