package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.View;
import org.jgroups.ViewId;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.MergeData;
import org.jgroups.protocols.pbcast.Merger;
import org.jgroups.util.MergeId;

/**
 * Merges whole parts or none. JGroups goes on with those that reply: it takes a member out of a part whose coordinator is slow, and
 * drops members whose digest is late. See {@code docs/design/cluster.md}.
 */
final class WholeParts extends Merger {
    /** In a row. Together they take longer than a silent member or coordinator stays in its view. */
    private static final int MAX_CANCELLED = 5;

    private final Views views;
    private final Merging merging;

    private Map<Address, View> led = Map.of();
    private Set<Address> members = Set.of();
    private int cancelled;

    WholeParts(Views views, Merging merging) {
        super(views);
        this.views = views;
        this.merging = merging;
    }

    /**
     * A member whose coordinator did not reply, or has another view, stands for itself. It refuses if it has a coordinator
     * nevertheless.
     */
    @Override
    public synchronized void merge(Map<Address, View> found) {
        if (isMergeInProgress() || isMergeTaskRunning()) {
            return;
        }
        led = new HashMap<>(found);
        led.entrySet().removeIf(part -> !part.getKey().equals(part.getValue().getCoord()));
        Map<Address, View> parts = new HashMap<>(led);
        found.forEach((from, view) -> {
            View coordinators = led.get(view.getCoord());
            if (coordinators == null || !coordinators.containsMember(from)) {
                parts.put(from, new View(new ViewId(from, view.getViewId().getId()), List.of(from)));
            }
        });
        Map<Address, View> disjoint = new HashMap<>(parts);
        sanitizeViews(disjoint);
        members = disjoint.values().stream()
                .flatMap(part -> part.getMembers().stream())
                .collect(Collectors.toSet());
        if (parts.size() > 1) {
            super.merge(parts);
        }
    }

    /** A member that stands for itself leads only others of the kind. */
    @Override
    protected Address determineMergeLeader(Map<Address, View> parts) {
        return super.determineMergeLeader(led.isEmpty() ? parts : led);
    }

    /**
     * JGroups does not reply while it merges, and the one that asks waits for five seconds. A member of a part is merged by its
     * coordinator.
     */
    @Override
    public void handleMergeRequest(Address sender, MergeId id, Collection<? extends Address> of) {
        boolean busy = isMergeInProgress() && !matchMergeId(id);
        if (busy || views.follows(sender)) {
            views.refuse(sender, id);
        } else {
            super.handleMergeRequest(sender, id, of);
        }
    }

    @Override
    protected void sendMergeView(Collection<Address> parts, MergeData merged, MergeId id) {
        Set<Address> missing = missing(merged.getView());
        if (goesOn(missing.isEmpty(), parts.size() > 1)) {
            super.sendMergeView(parts, merged, id);
        } else {
            Sockets.log.debug("A merge to {} is cancelled: {} did not reply.", merged.getView(), missing);
            merging.ask(missing);
            sendMergeCancelledMessage(parts, id);
        }
    }

    /** A node that left and returned has another address, and may be in two parts. */
    private synchronized Set<Address> missing(View merged) {
        Set<Optional<Peer>> present =
                merged.getMembers().stream().map(WholeParts::peer).collect(Collectors.toSet());
        return members.stream()
                .filter(member -> !present.contains(peer(member)))
                .collect(Collectors.toSet());
    }

    private static Optional<Peer> peer(Address member) {
        return Optional.ofNullable(Addresses.peer(member));
    }

    private synchronized boolean goesOn(boolean whole, boolean several) {
        boolean does = whole || (several && cancelled == MAX_CANCELLED);
        cancelled = does ? 0 : Math.min(cancelled + 1, MAX_CANCELLED);
        return does;
    }

    /** To all that may have been asked: one whose reply was late waits for this merge. */
    @Override
    protected void sendMergeCancelledMessage(Collection<Address> parts, MergeId id) {
        Set<Address> all = new HashSet<>(parts);
        synchronized (this) {
            all.addAll(members);
        }
        super.sendMergeCancelledMessage(all, id);
        merging.again();
    }

    /** The members of a part, too: until ten seconds are over they would take part in no other merge. */
    @Override
    public void handleMergeCancelled(MergeId id) {
        boolean current = matchMergeId(id);
        super.handleMergeCancelled(id);
        View view = views.view();
        if (current && view != null && view.size() > 1 && views.getAddress().equals(view.getCoord())) {
            views.getDownProtocol()
                    .down(new EmptyMessage()
                            .putHeader(views.getId(), new GMS.GmsHeader(GMS.GmsHeader.CANCEL_MERGE).mergeId(id)));
        }
    }
}
