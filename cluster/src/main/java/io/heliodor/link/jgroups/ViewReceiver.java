package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jspecify.annotations.Nullable;

/** Receives views and packets from JGroups, keeps the members of the last view, and passes both on. Thread-safe. */
final class ViewReceiver implements Receiver {
    private final EventDispatcher events;

    /** Replaced as a whole, under this object's monitor. */
    private volatile ViewMembers current = ViewMembers.EMPTY;

    // Guarded by this, which is held while a view is dispatched: after suspend() none is being dispatched.
    /** Views with a lower number are ignored. */
    private long minNumber;

    private long lastNumber;

    ViewReceiver(EventDispatcher events) {
        this.events = events;
    }

    /** The members with the addresses at which they are reached. */
    Map<Peer, InetSocketAddress> members() {
        return current.reachedAt();
    }

    /** JGroups' address of a member; null if the peer is not a member. */
    @Nullable
    Address address(Peer peer) {
        return current.addresses().get(peer);
    }

    /** The member that is reached at an address. */
    Optional<Peer> memberAt(InetSocketAddress address) {
        List<Peer> there = members().entrySet().stream()
                .filter(member -> member.getValue().equals(address))
                .map(Map.Entry::getKey)
                .toList();
        // There are two while a former incarnation is dead, and not excluded yet.
        return there.size() == 1 ? Optional.of(there.getFirst()) : Optional.empty();
    }

    /**
     * Ignores all views until {@link #resume}, and has no members. Others may install a view while this node leaves,
     * which would be dispatched in addition to the view of this node alone.
     *
     * @return a number for the next view, above those of all that were dispatched
     */
    synchronized long suspend() {
        minNumber = Long.MAX_VALUE;
        current = ViewMembers.EMPTY;
        return lastNumber + 1;
    }

    /** Accepts views from this number on. */
    synchronized void resume(long number) {
        minNumber = number;
    }

    @Override
    public void viewAccepted(org.jgroups.View next) {
        ViewMembers members = ViewMembers.of(next);
        View view = members.view(next);
        synchronized (this) {
            if (next.getViewId().getId() < minNumber) {
                return;
            }
            current = members;
            if (view != null) {
                lastNumber = view.id().number();
                events.view(view);
            }
        }
    }

    @Override
    public void receive(Message message) {
        Peer from = current.peers().get(message.getSrc());
        if (from == null) {
            from = PeerAddresses.peer(message.getSrc());
        }
        if (from != null && message.hasArray()) {
            events.received(from, message.getArray(), message.getOffset(), message.getLength());
        }
    }
}
