package io.heliodor.link.jgroups;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.Prober;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Logs the seeds that are not members some time after the start, so that a failed start is noticed, and once more when they
 * have been found.
 */
final class AbsentSeeds {
    static final long AFTER_MILLIS = 15_000;

    private final SeedAddresses seeds;
    private final InetSocketAddress self;
    private final Prober prober;

    /** The seeds of the last line. */
    @GuardedBy("this")
    private Set<InetSocketAddress> logged = Set.of();

    private volatile List<String> now = List.of();

    AbsentSeeds(SeedAddresses seeds, InetSocketAddress self, Prober prober) {
        this.seeds = seeds;
        this.self = self;
        this.prober = prober;
    }

    /**
     * Probes the absent seeds, and logs the results if other seeds are absent than in the line before. Blocks.
     *
     * @param members the members of the view with their addresses
     * @param met the addresses of nodes that are members, or were: those left, or their death was logged
     * @return whether seeds are absent
     */
    synchronized boolean report(Map<Peer, InetSocketAddress> members, Set<InetSocketAddress> met)
            throws InterruptedException {
        Set<InetSocketAddress> others = new HashSet<>(seeds.addresses());
        others.remove(self);
        others.removeAll(met);
        List<Prober.Result> absent = prober.probe(others).stream()
                .filter(result -> !isMember(result, members))
                .toList();
        now = lines(absent);
        Set<InetSocketAddress> at = absent.stream().map(Prober.Result::at).collect(Collectors.toUnmodifiableSet());
        if (at.equals(logged)) {
            return !at.isEmpty();
        }
        if (absent.isEmpty()) {
            WireLog.LOG.info("The seeds that were not in the view of this node are in it now: {}.", texts(logged));
        } else {
            WireLog.LOG.warn(
                    "Not in the view of this node: {}. It goes on without them, and tries again. If they run, compare their"
                            + " addresses with heliodor.cluster.seeds or seeds(...), and see whether a firewall drops connections.",
                    reasons(absent));
        }
        logged = at;
        return !at.isEmpty();
    }

    /** The seeds that the last report found absent, each with the reason. */
    List<String> now() {
        return now;
    }

    /** A seed may name a member by another address than the advertised one. */
    private static boolean isMember(Prober.Result result, Map<Peer, InetSocketAddress> members) {
        return result instanceof Prober.Result.Accepted(var _, var reply) && members.containsKey(reply.from());
    }

    /** The seeds, each with the reason for which it is not a member. */
    static String reasons(List<Prober.Result> results) {
        return String.join(", ", lines(results));
    }

    private static List<String> lines(List<Prober.Result> results) {
        return results.stream()
                .sorted(Comparator.comparing(result -> text(result.at())))
                .map(result -> text(result.at()) + " (" + reason(result) + ")")
                .toList();
    }

    private static String texts(Set<InetSocketAddress> addresses) {
        return addresses.stream().map(AbsentSeeds::text).sorted().collect(Collectors.joining(", "));
    }

    private static String text(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.getHostString() + ":" + address.getPort()
                : address.toString().replaceFirst("^[^/]*/", "");
    }

    private static String reason(Prober.Result result) {
        return switch (result) {
            case Prober.Result.Accepted(var _, var reply) -> reply.from() + " has another view";
            case Prober.Result.Refused(var _, var why) -> "it refused this node: " + why;
            case Prober.Result.Closed(var _, var why) -> why;
            case Prober.Result.Unreached(var _, var why) -> "no answer: " + why;
        };
    }
}
