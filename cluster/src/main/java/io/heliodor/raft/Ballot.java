package io.heliodor.raft;

import java.util.Optional;

/**
 * The persistent state of a voter in addition to its log.
 *
 * @param term the current term; 0 before the first election
 * @param votedFor the name of the node that got the vote of this term
 * @param log the log that its entries belong to
 */
public record Ballot(long term, Optional<String> votedFor, LogId log) {
    /** The ballot before the first election. */
    public static final Ballot NONE = new Ballot(0, Optional.empty(), LogId.NONE);

    Ballot in(long nextTerm) {
        return new Ballot(nextTerm, Optional.empty(), log);
    }

    Ballot of(String candidate) {
        return new Ballot(term, Optional.of(candidate), log);
    }

    Ballot with(LogId next) {
        return new Ballot(term, votedFor, next);
    }
}
