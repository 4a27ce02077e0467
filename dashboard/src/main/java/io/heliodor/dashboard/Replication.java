package io.heliodor.dashboard;

import java.util.Optional;

/**
 * The replication of a node with the others: the presences of all nodes as it knows them, and what its histories and calls lacked.
 *
 * @param presences the number of presences of the whole cluster, as this node knows them; empty if the dashboard shows none
 * @param replicatedBytes the heap that presences of other nodes take, a part of the node's memory
 * @param historyGaps gaps of messages that a history skipped, because no node keeps them, since the start
 * @param historiesDropped histories dropped or cut at their limit, since the start
 * @param copiesRefused copies of histories that other nodes requested, refused, since the start
 * @param callsAlone calls that are executed once whose key no second node kept, since the start
 */
record Replication(
        Optional<Long> presences,
        long replicatedBytes,
        long historyGaps,
        long historiesDropped,
        long copiesRefused,
        long callsAlone) {
    Replication {
        presences = Absent.orEmpty(presences);
    }
}
