package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Logs, a while after the start, which seeds are no members, and why: a cluster that does not form must not be silent. */
final class AbsentSeeds {
    static final long AFTER_MILLIS = 15_000;

    private final SeedAddresses seeds;
    private final InetSocketAddress self;
    private final Prober probing;

    AbsentSeeds(SeedAddresses seeds, InetSocketAddress self, Prober probing) {
        this.seeds = seeds;
        this.self = self;
        this.probing = probing;
    }

    /**
     * Asks those that are missing. Blocks while it does.
     *
     * @param members and where they are reached
     */
    void report(Map<Peer, InetSocketAddress> members) throws InterruptedException {
        Set<InetSocketAddress> absent = new HashSet<>(seeds.addresses());
        absent.remove(self);
        absent.removeAll(members.values());
        List<String> reasons = probing.ask(absent).stream()
                .filter(found -> !isMember(found, members))
                .map(AbsentSeeds::reason)
                .toList();
        if (!reasons.isEmpty()) {
            PeerSockets.log.warn(
                    "Not in the view of this node, {} s after its start: {}. It goes on without them, and tries again.",
                    AFTER_MILLIS / 1_000,
                    reasons.stream().sorted().collect(Collectors.joining(", ")));
        }
    }

    /** A seed may name a member by another address. */
    private static boolean isMember(Prober.Result found, Map<Peer, InetSocketAddress> members) {
        return found instanceof Prober.Result.Accepted(var _, var answer) && members.containsKey(answer.from());
    }

    private static String reason(Prober.Result found) {
        return switch (found) {
            case Prober.Result.Accepted(var at, var answer) -> at + " (" + answer.from() + " has another view)";
            case Prober.Result.Refused(var at, var why) -> at + " (it refused this node: " + why + ")";
            case Prober.Result.Unreached(var at, var why) -> at + " (no answer: " + why + ")";
        };
    }
}
