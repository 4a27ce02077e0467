package io.heliodor.membership;

import java.util.List;
import java.util.Objects;

/**
 * How the cluster looks from one node.
 *
 * @param status the summary
 * @param reachable the names of the other members that answered, sorted
 * @param unreachable the names of members that did not answer in time, and of those that are suspect or dead, sorted
 * @param quorum whether most of the voters are reachable, this node counted if it is one; without voters: whether more than
 *     half of the nodes that are known and did not leave are alive
 * @param reasons what else a person should look at, such as {@code voters 2 of 3}, or the seeds of a node that is alone, each with the
 *     reason why it is not a member; usually empty
 */
public record Health(
        Status status, List<String> reachable, List<String> unreachable, boolean quorum, List<String> reasons) {
    /** Checks that no value is null. */
    public Health {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(reachable, "reachable");
        Objects.requireNonNull(unreachable, "unreachable");
        Objects.requireNonNull(reasons, "reasons");
    }

    /** A summary of the cluster. */
    public enum Status {
        /** Others are known, all that did not leave are members and answer, and there are no reasons to look at the voters. */
        HEALTHY,
        /** Some are dead, suspect or do not answer, or the voters have a problem. */
        DEGRADED,
        /** No other node answers, or none is known. */
        ISOLATED
    }
}
