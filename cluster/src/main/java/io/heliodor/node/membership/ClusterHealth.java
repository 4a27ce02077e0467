package io.heliodor.node.membership;

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
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks the health of the cluster by pings.
 *
 * @param self the name of this node
 * @param membership the members
 * @param pings the pings
 * @param voters whether nodes contain a majority of the voters; empty without voters
 * @param reasons what a person should look at
 * @param absentSeeds the seeds that are not members, each with the reason
 */
public record ClusterHealth(
        String self,
        ClusterMembership membership,
        Pings pings,
        Optional<Predicate<Set<String>>> voters,
        Supplier<List<String>> reasons,
        Supplier<List<String>> absentSeeds) {
    public Optional<Duration> ping(String node, Duration timeout) {
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

    /** Pings all other members, and waits for their answers. */
    public void pingAll(Duration timeout) {
        List<Optional<Duration>> _ = pings.ping(others(), timeout);
    }

    /** The health with the members as reachable that answer in time. */
    public Health check(Duration timeout) {
        return check(timeout, Duration.ZERO);
    }

    /**
     * The health, for a caller that cannot wait as long as a living member may need: a packet that is lost on a long way takes a second.
     *
     * @param patience the age from which a ping without an answer makes a member unreachable that does not answer in time; each check of
     *     such a member sends one, unless it has one to answer
     */
    public Health check(Duration timeout, Duration patience) {
        List<String> unreachable = membership.members().stream()
                .filter(member -> member.status() == Status.SUSPECT)
                .map(Member::node)
                .collect(Collectors.toCollection(ArrayList::new));
        // A suspect has not answered for seconds.
        List<Peer> others = others().stream()
                .filter(peer -> !unreachable.contains(peer.node()))
                .toList();
        List<Optional<Duration>> answers = pings.ping(others, timeout);
        List<String> reachable = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            Peer other = others.get(i);
            boolean isReachable =
                    answers.get(i).isPresent() || pings.unanswered(other).compareTo(patience) < 0;
            (isReachable ? reachable : unreachable).add(other.node());
        }
        List<Member> staying = membership.members().stream()
                .filter(member -> member.status() != Status.LEFT)
                .toList();
        staying.stream()
                .filter(member -> member.status() == Status.DEAD)
                .forEach(member -> unreachable.add(member.node()));
        List<String> why = new ArrayList<>(reasons.get());
        Health.Status status = Health.Status.DEGRADED;
        if (reachable.isEmpty()) {
            status = Health.Status.ISOLATED;
            List<String> absent = absentSeeds.get();
            if (others.isEmpty() && unreachable.isEmpty() && !absent.isEmpty()) {
                why.add("alone, with seeds: " + String.join(", ", absent));
            }
        } else if (unreachable.isEmpty() && why.isEmpty()) {
            status = Health.Status.HEALTHY;
        }
        Set<String> answering = new HashSet<>(reachable);
        answering.add(self);
        boolean quorum = voters.map(majority -> majority.test(answering)).orElse(2 * answering.size() > staying.size());
        return new Health(
                status,
                reachable.stream().sorted().toList(),
                unreachable.stream().sorted().toList(),
                quorum,
                List.copyOf(why));
    }
}
