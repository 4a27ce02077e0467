package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
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
 * Merges whole parts or none. A part is a view with its members; it takes part by its coordinator. A member whose coordinator did
 * not reply, or has another view, is a part of its own. JGroups goes on with those that reply: it takes a member out of a part whose
 * coordinator is slow, and drops members whose digest is late. See {@code docs/design/cluster.md}.
 */
final class AllOrNothingMerger extends Merger {
    /** Merges that are further apart do not follow each other. */
    private static final long FORGET_NANOS = Duration.ofSeconds(20).toNanos();

    private final GroupMembership views;
    private final MergeDetector merging;

    /** Merges that waited longer together go on: members that are missing should have been excluded by their part. */
    private final long patienceNanos;

    // Of the merge that this node leads. Guarded by this.

    /** The views of coordinators. */
    private Map<Address, View> led = Map.of();

    /** The view ids of those that are asked. */
    private Map<Address, ViewId> ids = Map.of();

    private Set<Address> expected = Set.of();

    private long begunAt;
    private long endedAt;

    /** For how long merges have waited in vain that followed each other. A refusal takes no time. */
    private long waitedNanos;

    AllOrNothingMerger(GroupMembership views, MergeDetector merging, Duration patience) {
        super(views);
        this.views = views;
        this.merging = merging;
        this.patienceNanos = patience.toNanos();
    }

    @Override
    public synchronized void merge(Map<Address, View> found) {
        if (isMergeInProgress() || isMergeTaskRunning()) {
            return;
        }
        led = new HashMap<>(found);
        led.entrySet().removeIf(part -> !part.getKey().equals(part.getValue().getCoord()));
        Map<Address, View> parts = new HashMap<>(led);
        found.forEach((from, view) -> {
            View ofItsCoordinator = led.get(view.getCoord());
            if (ofItsCoordinator == null || !ofItsCoordinator.containsMember(from)) {
                parts.put(from, new View(new ViewId(from, view.getViewId().getId()), List.of(from)));
            }
        });
        ids = new HashMap<>();
        found.forEach((from, view) -> {
            if (parts.containsKey(from)) {
                ids.put(from, view.getViewId());
            }
        });
        Map<Address, View> sanitized = new HashMap<>(parts);
        sanitizeViews(sanitized);
        expected = sanitized.values().stream()
                .flatMap(part -> part.getMembers().stream())
                .collect(Collectors.toSet());
        if (parts.size() > 1) {
            begunAt = System.nanoTime();
            super.merge(parts);
        }
    }

    /** A member that is a part of its own leads only others of the kind. */
    @Override
    protected synchronized Address determineMergeLeader(Map<Address, View> parts) {
        return super.determineMergeLeader(led.isEmpty() ? parts : led);
    }

    /**
     * JGroups does not reply while it merges, and the one that asks waits for five seconds. A member that has a coordinator is
     * merged by that.
     */
    @Override
    public void handleMergeRequest(Address sender, MergeId id, Collection<? extends Address> members) {
        boolean busy = isMergeInProgress() && !matchMergeId(id);
        if (busy || views.follows(sender)) {
            views.refuse(sender, id);
        } else {
            super.handleMergeRequest(sender, id, members);
        }
    }

    /** A part that has another view by now counts as refused: a member that joined it meanwhile would be lost. */
    @Override
    public void handleMergeResponse(MergeData data, MergeId id) {
        super.handleMergeResponse(isAsFound(data) ? data : new MergeData(data.getSender(), null, null, true), id);
    }

    private synchronized boolean isAsFound(MergeData data) {
        View view = data.getView();
        return view != null && view.getViewId().equals(ids.get(data.getSender()));
    }

    @Override
    protected void sendMergeView(Collection<Address> parts, MergeData merged, MergeId id) {
        if (!matchMergeId(id)) {
            return; // it was cancelled meanwhile, and the next one may have begun
        }
        Set<Address> missing = missing(merged.getView());
        if (goesOn(missing.isEmpty(), parts.size() > 1, System.nanoTime())) {
            super.sendMergeView(parts, merged, id);
        } else {
            PeerSockets.log.debug("A merge to {} is cancelled: {} did not reply.", merged.getView(), missing);
            merging.askNextTime(missing);
            sendMergeCancelledMessage(parts, id);
        }
    }

    /** A node that left and returned has another address, and may be in two parts. */
    private synchronized Set<Address> missing(View merged) {
        Set<Optional<Peer>> present =
                merged.getMembers().stream().map(AllOrNothingMerger::peer).collect(Collectors.toSet());
        return expected.stream()
                .filter(member -> !present.contains(peer(member)))
                .collect(Collectors.toSet());
    }

    private static Optional<Peer> peer(Address member) {
        return Optional.ofNullable(PeerAddresses.peer(member));
    }

    private synchronized boolean goesOn(boolean whole, boolean several, long now) {
        if (now - endedAt > FORGET_NANOS) {
            waitedNanos = 0;
        }
        endedAt = now;
        waitedNanos += now - begunAt;
        boolean does = whole || (several && waitedNanos > patienceNanos);
        if (does) {
            waitedNanos = 0;
        }
        return does;
    }

    /** To all that were asked, as one whose reply was late waits for this merge. To this node last: that ends the merge here. */
    @Override
    protected void sendMergeCancelledMessage(Collection<Address> parts, MergeId id) {
        Set<Address> all = new LinkedHashSet<>(parts);
        synchronized (this) {
            all.addAll(ids.keySet());
        }
        all.remove(views.getAddress());
        all.add(views.getAddress());
        super.sendMergeCancelledMessage(all, id);
        merging.sendInfoSoon();
    }

    /**
     * Ends a merge in the whole part: until ten seconds are over its members would take part in no other. A request of this merge
     * that is overtaken must not begin it again.
     */
    @Override
    public void handleMergeCancelled(MergeId id) {
        boolean current = matchMergeId(id);
        super.handleMergeCancelled(id);
        lock.lock();
        try {
            merge_id_history.addIfAbsent(id);
        } finally {
            lock.unlock();
        }
        View view = views.view();
        if (current && view != null && view.size() > 1 && views.getAddress().equals(view.getCoord())) {
            views.getDownProtocol()
                    .down(new EmptyMessage()
                            .putHeader(views.getId(), new GMS.GmsHeader(GMS.GmsHeader.CANCEL_MERGE).mergeId(id)));
        }
    }
}
