package io.heliodor.link;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is a member, as all members of this view agree.
 *
 * @param id what tells it from others
 * @param members who belongs to it, in an order that all share; at least one. Who stays keeps its place before those that
 *     came later
 * @param merged whether it joins what had been apart
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
     * The first member: it decides where one must.
     *
     * @return the coordinator
     */
    public Peer coordinator() {
        return members.getFirst();
    }

    /**
     * The members by name. Two incarnations of a name are members of one view while the older one is dead and not excluded
     * yet, or alive and the younger one about to end: the name means the older one, which is the first.
     *
     * @return an immutable map, in the order of the view
     */
    public Map<String, Peer> byName() {
        Map<String, Peer> byName = new LinkedHashMap<>();
        members.forEach(peer -> byName.putIfAbsent(peer.node(), peer));
        return Collections.unmodifiableMap(byName);
    }

    /**
     * Whether a peer belongs to it.
     *
     * @param peer any peer
     * @return true if it is a member
     */
    public boolean has(Peer peer) {
        return members.contains(peer);
    }
}
