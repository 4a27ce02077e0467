package io.heliodor.node;

import io.heliodor.election.Election.Leader;
import java.util.Objects;
import java.util.Optional;

/**
 * An election as a node knows it.
 *
 * @param name its name
 * @param leader its leader; empty if there is none, for example because a majority of the voters is not reachable
 */
public record ElectionState(String name, Optional<Leader> leader) {
    /** Checks that no value is null. */
    public ElectionState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(leader, "leader");
    }
}
