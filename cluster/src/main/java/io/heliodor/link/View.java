package io.heliodor.link;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A view of the cluster: a list of members on which all of them agree.
 *
 * @param id identifies it
 * @param members the members by seniority, in the same order on all nodes; at least one
 * @param merged whether it merges parts that had views of their own
 */
public record View(ViewId id, List<Peer> members, boolean merged) {
    /**
     * A view.
     *
     * @throws IllegalArgumentException when it has no members
     */
    public View {
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("View " + id + " has no members.");
        }
    }

    /**
     * The first member, which takes the decisions of the whole cluster.
     *
     * @return the coordinator
     */
    public Peer coordinator() {
        return members.getFirst();
    }

    /**
     * The members by name. A view has two incarnations of a name while the first one is dead and not excluded yet, or
     * the other one is about to end. The name stands for the first one in the order of the view.
     *
     * @return an immutable map, in the order of the view
     */
    public Map<String, Peer> byName() {
        Map<String, Peer> byName = new LinkedHashMap<>();
        members.forEach(peer -> byName.putIfAbsent(peer.node(), peer));
        return Collections.unmodifiableMap(byName);
    }

    /**
     * Whether another incarnation of the name of a member comes before it. A duplicate ends if that one is alive.
     *
     * @param member a member
     * @return true if it is a duplicate
     */
    public boolean isDuplicate(Peer member) {
        return members.stream()
                .filter(peer -> peer.node().equals(member.node()))
                .findFirst()
                .filter(first -> !first.equals(member))
                .isPresent();
    }

    /**
     * Whether a peer is a member.
     *
     * @param peer any peer
     * @return true if it is a member
     */
    public boolean has(Peer peer) {
        return members.contains(peer);
    }
}
