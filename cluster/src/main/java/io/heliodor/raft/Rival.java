package io.heliodor.raft;

import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.AppendEntries;
import org.jspecify.annotations.Nullable;

/**
 * The leader of another log than that of this node, in the same view: its directory is of another cluster, or its log began
 * with another list of voters.
 *
 * @param leader the leader
 * @param log its log
 * @param decided whether that log has commands
 * @param voters how many of its voters replied to it lately
 * @param settings how many voters its settings name; 0 if that is not known
 * @param since the time since which this node has no leader, or one of a log of lower rank
 * @param seen the time of its last message
 */
record Rival(Peer leader, LogId log, boolean decided, long voters, long settings, long since, long seen) {
    static Rival of(Peer from, AppendEntries message, @Nullable Rival before, long now) {
        long since = before != null && before.log.equals(message.log()) ? before.since : now;
        return new Rival(from, message.log(), message.decided(), message.voters(), message.settings(), since, now);
    }

    Rival tolerated(long now) {
        return new Rival(leader, log, decided, voters, settings, now, seen);
    }

    static boolean isMajority(long voters, long of) {
        return voters > of / 2; // a number of the wire, twice, may be too large
    }

    /** Whether several voters are most of those that the settings of their leader name. A trial of one voter is most of its own. */
    static boolean holds(long voters, long settings) {
        return voters > 1 && isMajority(voters, settings);
    }

    /**
     * Whether its log continues, and another one ends. First comes a log that most voters of the settings have begun, or whose leader
     * has their replies, by the largest settings, then by its own ones if it has several; then one that has commands, then the one with
     * more voters that reply, then the one with the lower id.
     *
     * @param leadsMost whether its leader has the replies of most voters of the largest settings
     * @param ownIsOfMost whether the own log is one of most voters of the largest settings
     * @param ownHolds whether it is one of most of its own, and of several
     */
    boolean outranks(
            boolean leadsMost, LogId own, boolean ownIsOfMost, boolean ownHolds, boolean ownDecided, long ownVoters) {
        if (leadsMost != ownIsOfMost) {
            return leadsMost;
        }
        // An earlier build does not send its settings, and compares without them.
        if (settings > 0 && holds(voters, settings) != ownHolds) {
            return !ownHolds;
        }
        if (decided != ownDecided) {
            return decided;
        }
        return voters == ownVoters ? log.id() < own.id() : voters > ownVoters;
    }
}
