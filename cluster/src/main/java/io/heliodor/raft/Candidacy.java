package io.heliodor.raft;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The votes of one candidate in one round. */
final class Candidacy {
    private final boolean pre;
    private final Voters voters;

    /** By the name of the voter. */
    private final Map<String, RaftMessage.Vote> votes = new HashMap<>();

    Candidacy(boolean pre, Voters voters) {
        this.pre = pre;
        this.voters = voters;
    }

    boolean pre() {
        return pre;
    }

    void vote(String voter, RaftMessage.Vote vote) {
        if (voters.has(voter)) {
            votes.put(voter, vote);
        }
    }

    boolean lacks(String voter) {
        return voters.has(voter) && !votes.containsKey(voter);
    }

    /**
     * Whether the candidate is elected. A voter whose log is empty may have lost entries that it confirmed, so a majority with
     * such voters need not contain a voter with all that was committed. Their votes count in two cases: no voter that replied has
     * an entry, so the log begins; or all voters replied, and none with entries knows more than the candidate.
     */
    boolean elected() {
        Set<String> granted = new HashSet<>();
        Set<String> grantedWithEntries = new HashSet<>();
        boolean entries = false;
        boolean refusedWithEntries = false;
        for (Map.Entry<String, RaftMessage.Vote> each : votes.entrySet()) {
            RaftMessage.Vote vote = each.getValue();
            entries |= !vote.empty();
            refusedWithEntries |= !vote.empty() && !vote.granted();
            if (vote.granted()) {
                granted.add(each.getKey());
                if (!vote.empty()) {
                    grantedWithEntries.add(each.getKey());
                }
            }
        }
        boolean all = votes.size() == voters.nodes().size();
        return voters.majority(granted)
                && (voters.majority(grantedWithEntries) || !entries || (all && !refusedWithEntries));
    }
}
