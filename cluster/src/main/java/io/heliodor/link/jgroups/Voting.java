package io.heliodor.link.jgroups;

import io.heliodor.link.Log;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * That some nodes vote on a common log.
 *
 * @param voters the names of those nodes; the same on each node of the cluster, also on those that do not vote
 * @param data where this node keeps the log; not empty if it votes
 * @param replica what the commands of the log are done to
 */
public record Voting(List<String> voters, Optional<Path> data, Log.Replica replica) {
    /**
     * Who votes.
     *
     * @throws IllegalArgumentException when nobody votes, or somebody twice
     */
    public Voting {
        voters = voters.stream().sorted().toList();
        if (voters.isEmpty() || voters.stream().distinct().count() < voters.size()) {
            throw new IllegalArgumentException("Each voter is named once, and there is at least one: " + voters);
        }
    }

    int majority() {
        return voters.size() / 2 + 1;
    }
}
