package io.heliodor.raft;

import java.util.Optional;

/**
 * The persistent state of a voter in addition to its log.
 *
 * @param term the current term; 0 before the first election
 * @param votedFor the name of the node that got the vote of this term
 */
public record Ballot(long term, Optional<String> votedFor) {
    /** The ballot before the first election. */
    public static final Ballot NONE = new Ballot(0, Optional.empty());
}
