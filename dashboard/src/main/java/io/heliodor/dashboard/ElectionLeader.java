package io.heliodor.dashboard;

import java.util.Optional;

/**
 * An election as a node knows it.
 *
 * @param election its name
 * @param leader the name of the node that leads; empty if there is none
 */
record ElectionLeader(String election, Optional<String> leader) {
    ElectionLeader {
        election = Absent.orEmpty(election);
        leader = Absent.orEmpty(leader);
    }
}
