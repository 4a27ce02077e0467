package io.heliodor.node.consensus;

import io.heliodor.raft.Voters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The state of the voters for operators, as one node sees it.
 *
 * @param list the list in force
 * @param configured the voters of the settings of this node
 * @param votes how many voters the leader has replies of; without that knowledge how many of the list the view has
 * @param quorum whether the view has a majority of the list
 * @param led whether a leader is known
 * @param lag the entries that a member of the view lacks, if this node leads
 * @param otherLog whether a leader of another log is in the view
 * @param diskFailed whether this node does not vote because its directory could not be written to
 * @param filesLost whether this node does not vote because its directory lacked confirmed entries
 * @param ended whether this node has ended, and knows nothing of the voters any more
 */
public record VoterStatus(
        Voters list,
        Voters configured,
        long votes,
        boolean quorum,
        boolean led,
        long lag,
        boolean otherLog,
        boolean diskFailed,
        boolean filesLost,
        boolean ended) {
    /** How many voters the list and the settings name together. */
    private int expected() {
        Set<String> all = new TreeSet<>(list.nodes());
        all.addAll(configured.nodes());
        return all.size();
    }

    /** How many voters of the list have no vote that counts. */
    public long lost() {
        return Math.max(0, list.nodes().size() - votes);
    }

    /** The state after the end of this node, which still knows the condition of its directory. */
    VoterStatus atEnd() {
        return new VoterStatus(
                list, configured, list.nodes().size(), false, false, 0, false, diskFailed, filesLost, true);
    }

    /** How many voters the list has that this node takes part in: none after its end. */
    public long voters() {
        return ended ? 0 : list.nodes().size();
    }

    /** Whether the settings name other voters than the list. */
    public boolean otherList() {
        return !ended && !list.nodes().equals(configured.nodes());
    }

    /** The reasons to look at the voters. */
    public List<String> reasons() {
        List<String> all = new ArrayList<>();
        if (ended) {
            all.add("this node has ended");
        } else {
            if (votes < expected()) {
                all.add("voters " + votes + " of " + expected());
            }
            if (!quorum) {
                all.add("no majority of the voters");
            } else if (!led) {
                all.add("no leader of the voters");
            }
        }
        if (otherList()) {
            all.add("the settings name the voters " + String.join(", ", configured.nodes()) + ", the log has "
                    + String.join(", ", list.nodes()));
        }
        if (otherLog) {
            all.add("another log has a leader");
        }
        if (lag > 0) {
            all.add("a member lacks " + lag + " entries of the log");
        }
        if (diskFailed) {
            all.add("no vote: the directory could not be written to");
        }
        if (filesLost) {
            all.add("no vote: the directory lacked entries that it had confirmed");
        }
        return all;
    }
}
