package io.heliodor.link.jgroups;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jgroups.Message;
import org.jgroups.Receiver;

/** Receives views and packets from JGroups, sets the members of the last view, and passes both on. Thread-safe. */
final class ViewReceiver implements Receiver {
    private static final int MAX_MET = 1_024;

    private final EventDispatcher events;

    /** Set by this object only, under its monitor. */
    private final AtomicReference<ViewMembers> current;

    private final Consumer<Set<Peer>> changed;

    // The lock is held while a view is dispatched: after suspend() none is being dispatched.

    /** Views with a lower number are ignored. */
    @GuardedBy("this")
    private long minNumber;

    @GuardedBy("this")
    private long lastNumber;

    /** The addresses of all members so far, as long as there are not too many. */
    private final Set<InetSocketAddress> met = ConcurrentHashMap.newKeySet();

    /** {@code changed} is called with the members of each view; it must not block. */
    ViewReceiver(EventDispatcher events, AtomicReference<ViewMembers> current, Consumer<Set<Peer>> changed) {
        this.events = events;
        this.current = current;
        this.changed = changed;
    }

    private void set(ViewMembers members) {
        current.set(members);
        changed.accept(members.addresses().keySet());
    }

    /**
     * Ignores all views until {@link #resume}, and has no members. Others may install a view while this node leaves,
     * which would be dispatched in addition to the view of this node alone.
     *
     * @return a number for the next view, above those of all that were dispatched
     */
    synchronized long suspend() {
        minNumber = Long.MAX_VALUE;
        set(ViewMembers.EMPTY);
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
            set(members);
            if (met.size() < MAX_MET) {
                met.addAll(members.reachedAt().values());
            }
            if (view != null) {
                lastNumber = view.id().number();
                events.view(view);
            }
        }
    }

    /** The addresses of nodes that are members, or were: their absence is logged already. */
    Set<InetSocketAddress> met() {
        return Set.copyOf(met);
    }

    @Override
    public void receive(Message message) {
        Peer from = current.get().peers().get(message.getSrc());
        if (from == null) {
            from = PeerAddresses.peer(message.getSrc());
        }
        if (from != null && message.hasArray()) {
            events.received(from, message.getArray(), message.getOffset(), message.getLength());
        }
    }
}
