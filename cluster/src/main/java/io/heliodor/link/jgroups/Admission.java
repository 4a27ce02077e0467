package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out before a node joins whether it may: whether seeds accept it, and whether its name is free. */
final class Admission {
    private final Peer self;
    private final InetSocketAddress advertised;
    private final Prober probing;

    Admission(Peer self, InetSocketAddress advertised, Prober probing) {
        this.self = self;
        this.advertised = advertised;
        this.probing = probing;
    }

    /**
     * Asks the seeds. A life of this name that does not answer any more is declared dead to the others.
     *
     * @return whether a seed has a view: then there is a cluster to join
     * @throws WireException when some refuse and none accepts, or the name is taken
     */
    boolean seek(Set<InetSocketAddress> seeds) throws WireException, InterruptedException {
        List<Prober.Result.Accepted> accepted = ask(seeds);
        Map<Peer, InetSocketAddress> members = members(accepted);
        for (Map.Entry<Peer, InetSocketAddress> member : members.entrySet()) {
            Peer peer = member.getKey();
            if (!peer.node().equals(self.node()) || peer.equals(self)) {
                continue;
            }
            // That this node could bind the same address proves the other one dead.
            if (!member.getValue().equals(advertised) && probing.isAlive(peer, member.getValue())) {
                throw new WireException(
                        WireException.Code.NAME_TAKEN,
                        "A node of the name " + self.node() + " is alive at " + member.getValue() + ".");
            }
            Set<InetSocketAddress> others = new LinkedHashSet<>(members.values());
            others.remove(member.getValue());
            others.remove(advertised);
            probing.declareDead(peer, others);
        }
        return accepted.stream().anyMatch(found -> !found.answer().members().isEmpty());
    }

    /** Members, and where they are reached. */
    private static Map<Peer, InetSocketAddress> members(List<Prober.Result.Accepted> accepted) {
        Map<Peer, InetSocketAddress> members = new LinkedHashMap<>();
        accepted.forEach(found -> {
            members.putAll(found.answer().members());
            members.putIfAbsent(found.answer().from(), found.at());
        });
        return members;
    }

    private List<Prober.Result.Accepted> ask(Set<InetSocketAddress> seeds) throws WireException, InterruptedException {
        List<Prober.Result.Accepted> accepted = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (Prober.Result each : probing.ask(seeds)) {
            switch (each) {
                case Prober.Result.Accepted found -> accepted.add(found);
                case Prober.Result.Refused(var at, var why) -> refusals.add(at + " (" + why + ")");
                case Prober.Result.Unreached(var at, var why) ->
                    PeerSockets.log.debug("Nobody at seed {}: {}", at, why);
            }
        }
        if (accepted.isEmpty() && !refusals.isEmpty()) {
            throw new WireException(
                    WireException.Code.REFUSED,
                    "Seeds refused this node, and none accepted it: " + String.join(", ", refusals)
                            + ". Have they the same cookie and the same name of the cluster, and both voters or none?");
        }
        refusals.forEach(refusal -> PeerSockets.log.warn("A seed refused this node, others did not: {}", refusal));
        return accepted;
    }
}
