package io.heliodor.raft;

import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.RequestVote;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The messages of other logs than that of this node, and the leader of each of them. */
final class OtherLogs {
    /** So long a leader goes on while the leader of another log outranks it, and a node without a leader. */
    private static final long OUTRANKED_NANOS = 5_000_000_000L;

    private static final long LEADERLESS_NANOS = 30_000_000_000L;

    private final RaftState state;

    /** One for each leader, so no more than the view has members. */
    private final Map<LogId, Rival> rivals = new LinkedHashMap<>();

    /** Whether this node led at the last tick: the times of a leader and of a node without one begin anew with a change. */
    private boolean leads;

    /** When this node last had a leader of its log, and the last tick: a pause between two of them does not count as such. */
    private long ledUntil;

    private long ticked;

    OtherLogs(RaftState state) {
        this.state = state;
        this.ledUntil = state.now();
        this.ticked = ledUntil;
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
            Rival before = rivals.get(append.log());
            rivals.values().removeIf(other -> other.leader().equals(from));
            rivals.put(append.log(), Rival.of(from, append, before, state.now()));
        }
    }

    /** The leaders that were active lately: each tick removes the others. */
    private Stream<Rival> active() {
        return rivals.values().stream();
    }

    boolean areActive() {
        return !rivals.isEmpty();
    }

    /**
     * Whether a number of voters is most of those in the settings: in the largest ones of this node and of the leaders of other logs.
     * By its own settings alone each of two leaders may have most voters.
     */
    private boolean areMost(long voters) {
        return Rival.isMajority(
                voters,
                Math.max(configured(), active().mapToLong(Rival::settings).max().orElse(0)));
    }

    private long configured() {
        return state.configured().nodes().size();
    }

    /** Whether another log continues, and that of this leader ends. */
    boolean outrank(Followers own) {
        return active().anyMatch(other -> outranks(other, own));
    }

    private boolean outranks(Rival other, Followers own) {
        long supporters = own.supporters();
        long holders = Math.max(state.begunBy(), supporters);
        return other.outranks(
                areMost(other.voters()),
                state.ballot().log(),
                areMost(holders),
                Rival.holds(holders, configured()),
                state.log().hasDecisions(),
                supporters);
    }

    /**
     * Whether this node keeps a log without a command. A leader does unless another log outranks it. Another node does if most voters
     * of its settings began the log, unless it has no leader, which would decide for both, and gives way. So a directory of one voter,
     * from a trial, takes over no cluster.
     */
    boolean resists(Role role) {
        return role instanceof Leader own
                ? !outrank(own.followers())
                : Rival.isMajority(state.begunBy(), configured()) && (role.hasLeader(state) || !givesWay());
    }

    /**
     * Whether this node drops a log without a command and without a leader: for another one that most voters follow, or after a while
     * for a candidate of another one, because the voters of the settings may hold two logs. A later list of voters than the first one
     * may be committed with the help of this node, so it is kept for the voters that have it, too. The candidate that it has elected has
     * few replies at first, and with its own most only.
     */
    private boolean givesWay() {
        boolean waited =
                state.now() - ledUntil >= LEADERLESS_NANOS && state.log().votersIndex() <= 1;
        return waited
                ? active().allMatch(other -> leadsMost(other) || isElected(other))
                : active().anyMatch(this::leadsMost);
    }

    private boolean isElected(Rival other) {
        return state.ballot().votedFor().filter(other.leader().node()::equals).isPresent();
    }

    /** Whether another log has the majority that this node waits for: as many voters of another cluster are not that. */
    private boolean leadsMost(Rival other) {
        String leader = other.leader().node();
        return areMost(other.voters())
                && (state.configured().has(leader) || state.log().voters().has(leader));
    }

    /** Time passed. Ends this node if another log continues without it. */
    void tick(Role role) {
        long now = state.now();
        boolean changed = leads != (role instanceof Leader);
        leads = role instanceof Leader;
        ledUntil = role.hasLeader(state) || now - ticked >= ElectionTimer.TIMEOUT_NANOS ? now : ledUntil;
        ticked = now;
        rivals.values()
                .removeIf(other -> now - other.seen() >= ElectionTimer.TIMEOUT_NANOS
                        || !state.view().has(other.leader()));
        rivals.replaceAll((_, other) -> changed || goesOn(role, other) ? other.tolerated(now) : other);
        if (state.log().hasDecisions()) {
            rivals.values().stream()
                    .filter(other -> now - other.since() >= (leads ? OUTRANKED_NANOS : LEADERLESS_NANOS))
                    .findFirst()
                    .ifPresent(OtherLogs::end);
        }
    }

    /** Whether this node continues although another log has this leader. */
    private boolean goesOn(Role role, Rival other) {
        return role instanceof Leader own
                ? !outranks(other, own.followers())
                : role.hasLeader(state) || !leadsMost(other);
    }

    private static void end(Rival other) {
        throw new IllegalStateException("This node has another log than the voters: "
                + other.leader().node()
                + " leads " + other.voters()
                + " of them. The directory of this node is of another cluster, or it began"
                + " with another list of voters. Give it an empty directory and the list of the others. If most voters"
                + " lost their directories, recover this one: see the operating guide.");
    }
}
