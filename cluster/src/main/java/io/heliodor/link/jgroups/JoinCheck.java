package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.WireException;
import io.heliodor.link.jgroups.socket.Prober;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The check before a node joins: do its seeds accept it, and is its name free? */
record JoinCheck(Peer self, InetSocketAddress advertised, Prober prober) {
    /**
     * Probes the seeds. A former incarnation of this name that does not answer is reported dead to the other members.
     * Blocks.
     *
     * @return whether a seed has a view: then there is a cluster to join
     * @throws WireException when some seeds refuse and none accepts, or the name is taken
     */
    boolean check(Set<InetSocketAddress> seeds) throws WireException, InterruptedException {
        List<Prober.Result.Accepted> accepted = probe(seeds);
        Map<Peer, InetSocketAddress> members = members(accepted);
        for (Map.Entry<Peer, InetSocketAddress> member : members.entrySet()) {
            Peer peer = member.getKey();
            if (!peer.node().equals(self.node()) || peer.equals(self)) {
                continue;
            }
            // A member with the address that this node could bind is dead.
            if (!member.getValue().equals(advertised) && prober.mayBeAlive(peer, member.getValue())) {
                throw new WireException(
                        WireException.Code.NAME_TAKEN,
                        "A member of the name " + self.node() + " accepts connections at " + member.getValue() + ".");
            }
            Set<InetSocketAddress> others = new LinkedHashSet<>(members.values());
            others.remove(member.getValue());
            others.remove(advertised);
            prober.reportDead(peer, others);
        }
        return accepted.stream().anyMatch(found -> !found.reply().members().isEmpty());
    }

    private static Map<Peer, InetSocketAddress> members(List<Prober.Result.Accepted> accepted) {
        Map<Peer, InetSocketAddress> members = new LinkedHashMap<>();
        accepted.forEach(found -> {
            members.putAll(found.reply().members());
            members.putIfAbsent(found.reply().from(), found.at());
        });
        return members;
    }

    private List<Prober.Result.Accepted> probe(Set<InetSocketAddress> seeds)
            throws WireException, InterruptedException {
        List<Prober.Result.Accepted> accepted = new ArrayList<>();
        List<Prober.Result> refusals = new ArrayList<>();
        List<Prober.Result> unreached = new ArrayList<>();
        for (Prober.Result each : prober.probe(seeds)) {
            switch (each) {
                case Prober.Result.Accepted found -> accepted.add(found);
                case Prober.Result.Refused _ -> refusals.add(each);
                case Prober.Result.Unreached _ -> unreached.add(each);
                case Prober.Result.Closed(var at, var why) ->
                    WireLog.LOG.warn(
                            "Seed {} closed each connection of this node for five seconds ({}). It may have too many handshakes"
                                    + " at the moment. This node starts without it, and joins when it gets through.",
                            at,
                            why);
            }
        }
        if (accepted.isEmpty() && !refusals.isEmpty()) {
            throw new WireException(
                    WireException.Code.REFUSED,
                    "Seeds refused this node, and none accepted it: " + AbsentSeeds.reasons(refusals)
                            + ". Have they the same cookie and the same name of the cluster, and both voters or none?");
        }
        if (!refusals.isEmpty()) {
            WireLog.LOG.warn("Seeds refused this node, others did not: {}", AbsentSeeds.reasons(refusals));
        }
        if (seeds.isEmpty()) {
            WireLog.LOG.info("Node {} has no other seeds: it begins a cluster, which others join.", self.node());
        } else if (unreached.size() == seeds.size()) {
            WireLog.LOG.info(
                    "Node {} begins a cluster: none of its seeds answers, {}. It joins them when they do.",
                    self.node(),
                    AbsentSeeds.reasons(unreached));
        }
        return accepted;
    }
}
