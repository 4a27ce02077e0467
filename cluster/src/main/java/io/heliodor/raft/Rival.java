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

    /**
     * Whether its log continues, and another one ends. First comes a log that most voters of the settings have begun, or whose leader
     * has their replies, then one that has commands, then the one with more voters that reply, then the one with the lower id.
     *
     * @param leadsMost whether its leader has the replies of most voters of the largest settings
     * @param ownIsOfMost whether the own log is one of most voters of the largest settings
     */
    boolean outranks(boolean leadsMost, LogId own, boolean ownIsOfMost, boolean ownDecided, long ownVoters) {
        if (leadsMost != ownIsOfMost) {
            return leadsMost;
        }
        if (decided != ownDecided) {
            return decided;
        }
        return voters == ownVoters ? log.id() < own.id() : voters > ownVoters;
    }
}
