package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Logs the seeds that are not members some time after the start, so that a failed start is noticed. */
record AbsentSeeds(SeedAddresses seeds, InetSocketAddress self, Prober prober) {
    static final long AFTER_MILLIS = 15_000;

    /**
     * Probes the absent seeds and logs the results. Blocks.
     *
     * @param members the members of the view with their addresses
     * @param met the addresses of nodes that are members, or were: those left, or their death was logged
     */
    void report(Map<Peer, InetSocketAddress> members, Set<InetSocketAddress> met) throws InterruptedException {
        Set<InetSocketAddress> absent = new HashSet<>(seeds.addresses());
        absent.remove(self);
        absent.removeAll(met);
        List<String> reasons = prober.probe(absent).stream()
                .filter(result -> !isMember(result, members))
                .map(AbsentSeeds::reason)
                .toList();
        if (!reasons.isEmpty()) {
            WireLog.LOG.warn(
                    "Not in the view of this node, {} s after its start: {}. It goes on without them, and tries again.",
                    AFTER_MILLIS / 1_000,
                    reasons.stream().sorted().collect(Collectors.joining(", ")));
        }
    }

    /** A seed may name a member by another address than the advertised one. */
    private static boolean isMember(Prober.Result result, Map<Peer, InetSocketAddress> members) {
        return result instanceof Prober.Result.Accepted(var _, var reply) && members.containsKey(reply.from());
    }

    private static String reason(Prober.Result result) {
        return switch (result) {
            case Prober.Result.Accepted(var at, var reply) -> at + " (" + reply.from() + " has another view)";
            case Prober.Result.Refused(var at, var why) -> at + " (it refused this node: " + why + ")";
            case Prober.Result.Closed(var at, var why) -> at + " (" + why + ")";
            case Prober.Result.Unreached(var at, var why) -> at + " (no answer: " + why + ")";
        };
    }
}
