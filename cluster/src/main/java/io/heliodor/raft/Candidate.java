package io.heliodor.raft;

import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.RequestVote;
import io.heliodor.raft.RaftMessage.Vote;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A member that requests votes, for one round. */
final class Candidate implements Role.Waiting {
    private final RaftState state;
    private final ElectionTimer timer;
    private final boolean pre;
    private final Voters voters;
    private final boolean begins;
    private final boolean recovered;

    /** By the name of the voter. */
    private final Map<String, Vote> votes = new HashMap<>();

    /** The members that replied, with or without a vote that counts. */
    private final Set<String> replied = new HashSet<>();

    /** Whether a member that replied has entries, and whether one is a voter of a log that goes on. */
    private boolean entries;

    private boolean goesOn;

    /**
     * A candidate with its own vote.
     *
     * @param voters whose votes count
     * @param begins whether the log begins with these voters, of which only the names are known
     */
    Candidate(RaftState state, ElectionTimer timer, boolean pre, Voters voters, boolean begins) {
        this.state = state;
        this.timer = timer;
        this.pre = pre;
        this.voters = voters;
        this.begins = begins;
        this.recovered = state.logRole() == LogRole.RECOVERED;
        vote(state.self().node(), state.vote(state.term(), pre, true));
    }

    @Override
    public ElectionTimer timer() {
        return timer;
    }

    boolean pre() {
        return pre;
    }

    /** Requests a vote if it may count, or, when a log begins, if the member may know of another one. */
    void request(Peer voter) {
        if (lacks(voter)) {
            ReplicatedLog log = state.log();
            state.send(
                    voter,
                    new RequestVote(
                            state.term() + (pre ? 1 : 0),
                            pre,
                            log.lastIndex(),
                            log.lastTerm(),
                            begins ? Optional.of(voters) : Optional.empty(),
                            state.ballot().log().id()));
        }
    }

    private boolean lacks(Peer voter) {
        return !replied.contains(voter.node()) && (begins || voters.has(voter.node()));
    }

    /** Whether a vote may still come. That of a leader whose silence began the election will not. */
    boolean awaits(@Nullable Peer silent) {
        return state.view().members().stream().anyMatch(voter -> lacks(voter) && !voter.equals(silent));
    }

    /** Returns whether the vote is of this round. */
    boolean voted(String voter, Vote vote) {
        // A refusal of a pre-vote has the term of its voter. Any other vote of another term is a late one.
        boolean counts = vote.term() == state.term() + (vote.pre() ? 1 : 0) || (vote.pre() && !vote.granted());
        if (pre != vote.pre() || !counts) {
            return false;
        }
        vote(voter, vote);
        return true;
    }

    private void vote(String voter, Vote vote) {
        replied.add(voter);
        entries |= vote.role() != LogRole.EMPTY;
        goesOn |= vote.role() == LogRole.VOTER;
        if (begins ? voters.has(voter) && !vote.directory().isEmpty() : voters.has(voter, vote.directory())) {
            votes.put(voter, vote);
        }
    }

    boolean isElected() {
        return voters.majority(granted().keySet())
                && (!begins
                        || (mayBegin()
                                && replied.containsAll(state.view().byName().keySet())));
    }

    /**
     * A log may begin if all members of the view replied and none has entries. A log that an operator chose to go on with
     * may begin again if all voters replied; of these any with entries was chosen, too, and has no longer log.
     */
    private boolean mayBegin() {
        boolean complete = votes.size() == voters.nodes().size()
                && votes.values().stream()
                        .allMatch(vote ->
                                vote.role() == LogRole.EMPTY || (vote.role() == LogRole.RECOVERED && vote.granted()));
        return !goesOn && (!entries || (recovered && complete));
    }

    private Map<String, Vote> granted() {
        return votes.entrySet().stream()
                .filter(each -> each.getValue().granted())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The list that the log begins with, unless it has one. */
    Optional<Voters> beginning() {
        if (!begins) {
            return Optional.empty();
        }
        TreeMap<String, String> directories = new TreeMap<>(voters.directories());
        granted().forEach((node, vote) -> directories.put(node, vote.directory()));
        return Optional.of(new Voters(directories));
    }
}
