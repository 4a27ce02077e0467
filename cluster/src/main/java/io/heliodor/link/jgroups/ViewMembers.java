package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.MergeView;
import org.jspecify.annotations.Nullable;

/**
 * The members of a view of JGroups.
 *
 * @param addresses their addresses of JGroups, in the order of the view
 * @param peers the inverse of {@code addresses}
 * @param reachedAt the network addresses at which they are reached
 */
record ViewMembers(Map<Peer, Address> addresses, Map<Address, Peer> peers, Map<Peer, InetSocketAddress> reachedAt) {
    static final ViewMembers EMPTY = new ViewMembers(Map.of(), Map.of(), Map.of());

    static ViewMembers of(org.jgroups.View view) {
        Map<Peer, Address> addresses = new LinkedHashMap<>();
        Map<Address, Peer> peers = new LinkedHashMap<>();
        Map<Peer, InetSocketAddress> reachedAt = new LinkedHashMap<>();
        for (Address member : view.getMembers()) {
            Peer peer = PeerAddresses.peer(member);
            InetSocketAddress at = PeerAddresses.reachedAt(member);
            if (peer != null && at != null) {
                // A node that left and returned within one view is a member twice: the later address is valid.
                addresses.put(peer, member);
                peers.put(member, peer);
                reachedAt.put(peer, at);
            }
        }
        return new ViewMembers(addresses, peers, reachedAt);
    }

    /** The member that is reached at an address. */
    Optional<Peer> memberAt(InetSocketAddress address) {
        List<Peer> there = reachedAt.entrySet().stream()
                .filter(member -> member.getValue().equals(address))
                .map(Map.Entry::getKey)
                .toList();
        // There are two while a former incarnation is dead, and not excluded yet.
        return there.size() == 1 ? Optional.of(there.getFirst()) : Optional.empty();
    }

    /** The view as peers; null if none of its members is a peer. */
    @Nullable
    View view(org.jgroups.View view) {
        Peer creator = PeerAddresses.peer(view.getCreator());
        List<Peer> members = new ArrayList<>(addresses.keySet());
        return creator == null || members.isEmpty()
                ? null
                : new View(new ViewId(view.getViewId().getId(), creator), members, view instanceof MergeView);
    }
}
