package io.heliodor.dashboard;

import io.heliodor.inspect.MemoryUse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The answer of a node to {@link Query#OVERVIEW}.
 *
 * @param atMillis the time of the answer on the node's monotonic clock, for rates between two answers
 * @param numbers its numbers
 * @param closed connections closed, by reason
 * @param refused requests refused, by reason
 * @param cluster the cluster as it sees it; empty without a cluster
 * @param directMemory the direct memory of its buffers; empty of an older release
 * @param replication the replication with other nodes; empty without them, and of an older release
 */
record NodeReport(
        long atMillis,
        Numbers numbers,
        List<Count> closed,
        List<Count> refused,
        Optional<ClusterView> cluster,
        Optional<MemoryUse> directMemory,
        Optional<Replication> replication) {
    NodeReport {
        Objects.requireNonNull(numbers, "numbers");
        closed = Absent.orEmpty(closed);
        refused = Absent.orEmpty(refused);
        cluster = Absent.orEmpty(cluster);
        directMemory = Absent.orEmpty(directMemory);
        replication = Absent.orEmpty(replication);
    }
}
