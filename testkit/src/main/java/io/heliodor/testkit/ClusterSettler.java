package io.heliodor.testkit;

import io.heliodor.link.memory.MemoryNetwork;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Waits until the nodes of a cluster and the servers on them have nothing left to do. Any thread of a test may use it. */
final class ClusterSettler {
    private static final long REAL_PAUSE = 1_000_000;

    private final KitThreads threads = KitThreads.current();
    private final MemoryNetwork network;
    private final VirtualClock clock;
    private final SimulatedMembership views;
    private final ServersByNode servers;
    private final Supplier<String> state;

    /** {@code state}: the state of the cluster as text. */
    ClusterSettler(
            MemoryNetwork network,
            VirtualClock clock,
            SimulatedMembership views,
            ServersByNode servers,
            Supplier<String> state) {
        this.network = network;
        this.clock = clock;
        this.views = views;
        this.servers = servers;
        this.state = state;
    }

    /** Settles until a time of the machine at most, which is after the given one has passed. */
    void settle(long end, Duration deadline) {
        while (!isSettled()) {
            if (threads.nanoTime() - end > 0) {
                throw new AssertionError("Work is still pending after " + Seconds.text(deadline) + ". Still running: "
                        + servers.all().stream()
                                .map(server -> server.handlers().running())
                                .filter(text -> !text.isEmpty())
                                .collect(Collectors.joining("; "))
                        + "\n" + state.get());
            }
            LockSupport.parkNanos(REAL_PAUSE);
        }
    }

    /**
     * The parts are examined one after the other. If none of them has become busy meanwhile, all were idle when the last one
     * was: work does not come from elsewhere.
     */
    private boolean isSettled() {
        List<KitServer> all = servers.all();
        long before = wakes(all);
        clock.rest();
        return nodesIdle()
                && views.incarnations().stream().allMatch(NodeIncarnation::hasDelivered)
                && all.stream().allMatch(KitServer::isQuiescent)
                && wakes(all) == before;
    }

    private long wakes(List<KitServer> all) {
        return wakes() + all.stream().mapToLong(server -> server.loop().wakes()).sum();
    }

    boolean nodesIdle() {
        long before = wakes();
        return network.quiet()
                && views.incarnations().stream().allMatch(incarnation -> incarnation.isQuiescent(network))
                && wakes() == before;
    }

    /** A count that changes whenever an idle part of the network or of a node becomes busy. */
    private long wakes() {
        return network.wakes()
                + views.incarnations().stream()
                        .mapToLong(NodeIncarnation::wakes)
                        .sum();
    }
}
