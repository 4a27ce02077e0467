package io.heliodor.raft;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a leader changes the voters: one at a time, each by an entry (Ongaro's dissertation, 4.1), on request or because a
 * voter has another directory than before.
 *
 * <p>A change that its new majority cannot commit would stop the log, so that majority first replies to a heartbeat that
 * was sent after the request: a voter that ended a moment ago has replied to earlier ones.
 */
final class VoterChanges {
    /** For so long the leader waits for the new majority. */
    static final long WAIT_NANOS = ElectionTimer.TIMEOUT_NANOS;

    private record Requested(Voters next, long ticket, long round, long until) {}

    private final RaftState state;
    private final ReplicatedLog log;
    private final Proposals proposals;
    private final Followers followers;
    private final OtherLogs others;
    private @Nullable Requested requested;

    /** The changes of one term. */
    VoterChanges(RaftState state, Proposals proposals, Followers followers, OtherLogs others) {
        this.state = state;
        this.log = state.log();
        this.proposals = proposals;
        this.followers = followers;
        this.others = others;
    }

    Optional<ChangeRefusal> add(String node, long ticket) {
        Voters voters = log.voters();
        boolean votes = voters.has(node) && !voters.withoutDirectory().contains(node);
        // A voter without a directory is named without a request, when it has caught up.
        Optional<String> found = voters.has(node) ? Optional.empty() : caughtUp(node);
        ChangeRefusal otherwise = votes ? ChangeRefusal.NO_CHANGE : ChangeRefusal.NOT_CAUGHT_UP;
        return change(found.map(next -> voters.with(node, next)), otherwise, ticket);
    }

    Optional<ChangeRefusal> remove(String node, long ticket) {
        Voters voters = log.voters();
        ChangeRefusal otherwise = voters.has(node) ? ChangeRefusal.LAST : ChangeRefusal.NO_CHANGE;
        boolean possible = voters.has(node) && voters.nodes().size() > 1;
        Optional<Voters> next = possible ? Optional.of(voters.without(node)) : Optional.empty();
        return change(next, otherwise, ticket);
    }

    private Optional<ChangeRefusal> change(Optional<Voters> next, ChangeRefusal otherwise, long ticket) {
        Optional<ChangeRefusal> refusal = refused();
        if (refusal.isPresent()) {
            return refusal;
        }
        if (next.isEmpty()) {
            return Optional.of(otherwise);
        }
        requested = new Requested(next.get(), ticket, followers.nextRound(), state.now() + WAIT_NANOS);
        return Optional.empty();
    }

    /**
     * Makes the requested change when its majority has replied.
     *
     * @return the ticket of a request whose majority did not reply in time
     */
    OptionalLong perform() {
        Requested waiting = requested;
        if (waiting == null) {
            return OptionalLong.empty();
        }
        if (mayChange() && followers.confirmed(waiting.next()) >= waiting.round()) {
            requested = null;
            proposals.add(waiting.next(), OptionalLong.of(waiting.ticket()));
        } else if (state.now() >= waiting.until()) {
            requested = null;
            return OptionalLong.of(waiting.ticket());
        }
        return OptionalLong.empty();
    }

    /** The ticket of the request that waits. */
    OptionalLong waiting() {
        return requested == null ? OptionalLong.empty() : OptionalLong.of(requested.ticket());
    }

    /** Whether this leader has committed an entry of its term, and no other log continues in place of its own. */
    private boolean mayChange() {
        return state.commitIndex() >= proposals.first() && !others.outrank(followers);
    }

    /** Why no change is taken now. */
    private Optional<ChangeRefusal> refused() {
        if (!mayChange()) {
            return Optional.of(ChangeRefusal.NOT_LEADING);
        }
        // A voter that can have its vote gets it first: the others may be no majority any more after the change.
        return requested != null || state.changesVoters() || next().isPresent()
                ? Optional.of(ChangeRefusal.CHANGING)
                : Optional.empty();
    }

    /** Makes the next step of a voter with another directory than before, or with its first one. */
    void readmit() {
        if (requested == null && mayChange() && !state.changesVoters()) {
            next().ifPresent(voters -> proposals.add(voters, OptionalLong.empty()));
        }
    }

    private Optional<Voters> next() {
        for (Map.Entry<String, String> voter : log.voters().directories().entrySet()) {
            Optional<Voters> next = next(voter.getKey(), voter.getValue()).filter(followers::support);
            if (next.isPresent()) {
                return next;
            }
        }
        return Optional.empty();
    }

    private Optional<Voters> next(String node, String listed) {
        List<String> present = followers
                .ofName(node)
                .map(Progress::directory)
                .filter(each -> !each.isEmpty())
                .toList();
        boolean itself = node.equals(state.self().node()) && listed.equals(state.directory());
        if (itself || present.isEmpty() || present.contains(listed)) {
            return Optional.empty();
        }
        return listed.isEmpty()
                ? caughtUp(node).map(found -> log.voters().with(node, found))
                : Optional.of(log.voters().with(node, ""));
    }

    /** The directory of a member that has all that is committed. */
    private Optional<String> caughtUp(String node) {
        return followers
                .ofName(node)
                .filter(progress -> progress.matchIndex() >= state.commitIndex())
                .map(Progress::directory)
                .filter(each -> !each.isEmpty())
                .findFirst();
    }
}
