package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How the cluster looks from a node: who answers it, and who does not. */
final class ClusterHealth {
    private final String self;
    private final ClusterMembership membership;
    private final Pings pings;
    private final Optional<ConsensusService> voters;

    ClusterHealth(String self, ClusterMembership membership, Pings pings, Optional<ConsensusService> voters) {
        this.self = self;
        this.membership = membership;
        this.pings = pings;
        this.voters = voters;
    }

    Optional<Duration> ping(String node, Duration timeout) {
        if (node.equals(self)) {
            return Optional.of(Duration.ZERO);
        }
        return membership
                .peer(node)
                .flatMap(peer -> pings.ping(List.of(peer), timeout).getFirst());
    }

    private List<Peer> others() {
        return membership.peers().stream()
                .flatMap(node -> membership.peer(node).stream())
                .toList();
    }

    /** Asks all others, and waits for their answers. */
    void ask(Duration timeout) {
        List<Optional<Duration>> _ = pings.ping(others(), timeout);
    }

    Health check(Duration timeout) {
        List<Peer> others = others();
        List<Optional<Duration>> answers = pings.ping(others, timeout);
        List<String> reachable = new ArrayList<>();
        List<String> unreachable = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            (answers.get(i).isPresent() ? reachable : unreachable)
                    .add(others.get(i).node());
        }
        List<Member> staying = membership.members().stream()
                .filter(member -> member.status() != Status.LEFT)
                .toList();
        boolean suspects = staying.stream().anyMatch(member -> member.status() == Status.SUSPECT);
        staying.stream()
                .filter(member -> member.status() == Status.DEAD)
                .forEach(member -> unreachable.add(member.node()));
        Health.Status status = Health.Status.DEGRADED;
        if (reachable.isEmpty()) {
            status = Health.Status.ISOLATED;
        } else if (unreachable.isEmpty() && !suspects) {
            status = Health.Status.HEALTHY;
        }
        Set<String> answering = new HashSet<>(reachable);
        answering.add(self);
        boolean quorum = voters.map(room -> room.quorum(answering)).orElse(2 * answering.size() > staying.size());
        return new Health(
                status,
                reachable.stream().sorted().toList(),
                unreachable.stream().sorted().toList(),
                quorum);
    }
}
