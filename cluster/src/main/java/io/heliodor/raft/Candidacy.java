package io.heliodor.raft;

import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.Vote;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The votes of one candidate in one round. */
final class Candidacy {
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
     * A candidate without votes.
     *
     * @param voters whose votes count
     * @param begins whether the log begins with these voters, of which only the names are known
     * @param recovered whether it begins with entries that an operator chose to go on with
     */
    Candidacy(boolean pre, Voters voters, boolean begins, boolean recovered) {
        this.pre = pre;
        this.voters = voters;
        this.begins = begins;
        this.recovered = recovered;
    }

    boolean pre() {
        return pre;
    }

    boolean begins() {
        return begins;
    }

    void vote(String voter, Vote vote) {
        replied.add(voter);
        entries |= vote.role() != LogRole.EMPTY;
        goesOn |= vote.role() == LogRole.VOTER;
        if (begins ? voters.has(voter) && !vote.directory().isEmpty() : voters.has(voter, vote.directory())) {
            votes.put(voter, vote);
        }
    }

    /** Whether a member gets a request: its vote may count, or, when a log begins, it may know of another one. */
    boolean lacks(String member) {
        return !replied.contains(member) && (begins || voters.has(member));
    }

    /**
     * Whether this candidate is elected.
     *
     * @param members the nodes of its view
     */
    boolean elected(Set<String> members) {
        return voters.majority(granted().keySet()) && (!begins || (mayBegin() && replied.containsAll(members)));
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

    /** The list that a log begins with. */
    Voters beginning() {
        TreeMap<String, String> directories = new TreeMap<>(voters.directories());
        granted().forEach((node, vote) -> directories.put(node, vote.directory()));
        return new Voters(directories);
    }
}
