package io.heliodor.link.jgroups;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.MergeView;
import org.jgroups.View;
import org.jgroups.ViewId;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.MergeData;
import org.jgroups.protocols.pbcast.Merger;
import org.jgroups.util.Digest;
import org.jgroups.util.MergeId;
import org.jspecify.annotations.Nullable;

/**
 * Merges whole parts of a cluster or none. A part is a view with its members, represented by its coordinator. A member
 * whose coordinator did not reply, or has another view, is a part of its own. JGroups' merger goes on without parts and
 * members that do not reply in time, and so takes members out of living parts. See {@code docs/design/cluster.md}. It would do as it
 * is with a property that makes such a merge fail, refusals that arrive, and cancellations for whole parts:
 * {@code docs/design/jgroups.md}.
 */
final class AllOrNothingMerger extends Merger {
    /** The maximum time between two merges of one series. */
    private static final long SERIES_NANOS = Duration.ofSeconds(20).toNanos();

    private static final int MAX_GAP = 1_000;

    private final GroupMembership membership;
    private final MergeDetector merging;

    /** A series of merges that waited longer goes on without missing members: their part should have excluded them. */
    private final long exclusionNanos;

    private volatile @Nullable ViewId answered;

    // About the merge that this node leads.

    /** The views of coordinators. */
    @GuardedBy("this")
    private Map<Address, View> led = Map.of();

    /** The view ids of the members of this merge. */
    @GuardedBy("this")
    private Map<Address, ViewId> ids = Map.of();

    @GuardedBy("this")
    private Set<Address> expected = Set.of();

    @GuardedBy("this")
    private long begunAt;

    @GuardedBy("this")
    private long endedAt;

    /** The time for which the merges of this series waited without success. A refusal takes no time. */
    @GuardedBy("this")
    private long waitedNanos;

    AllOrNothingMerger(GroupMembership membership, MergeDetector merging, Duration exclusionTimeout) {
        super(membership);
        this.membership = membership;
        this.merging = merging;
        this.exclusionNanos = exclusionTimeout.toNanos();
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

    /** Prefers coordinators: a member that is a part of its own only leads if there is no coordinator. */
    @Override
    protected synchronized Address determineMergeLeader(Map<Address, View> parts) {
        return super.determineMergeLeader(led.isEmpty() ? parts : led);
    }

    /**
     * Refuses at once when busy: JGroups does not reply then, and the leader waits for five seconds. Refuses as well if
     * this node has a coordinator, which represents it.
     *
     * <p>Refuses while members join, who would be lost otherwise: a merge stops the queue of joins, but not the join that runs.
     */
    @Override
    public void handleMergeRequest(Address sender, MergeId id, Collection<? extends Address> members) {
        if (membership.follows(sender) || !(matchMergeId(id) || setMergeId(null, id))) {
            membership.refuse(sender, id);
        } else if (membership.keepsItsView()) {
            super.handleMergeRequest(sender, id, members);
        } else {
            cancelMerge(id);
            membership.refuse(sender, id);
        }
    }

    @Override
    protected void sendMergeResponse(Address sender, View view, Digest digest, MergeId id) {
        answered = view.getViewId();
        super.sendMergeResponse(sender, view, digest, id);
    }

    /** Ignores a merged view if the view of this part is another one than that of its answer: a newcomer is missing. */
    @Override
    public void handleMergeView(MergeData data, MergeId id) {
        if (matchMergeId(id) && !Objects.equals(answered, membership.getViewId())) {
            WireLog.LOG.debug("The merged view {} is ignored: it is without newcomers.", data.getView());
            cancelMerge(id);
            merging.sendInfoSoon();
        } else {
            super.handleMergeView(data, id);
        }
    }

    /** Treats a part that has another view by now as refused: a member that joined it meanwhile would be lost. */
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
            return; // cancelled meanwhile; the next one may have begun
        }
        Set<Address> missing = missing(merged.getView());
        if (goesOn(missing.isEmpty(), parts.size() > 1, System.nanoTime())) {
            super.sendMergeView(parts, new MergeData(merged.getSender(), numbered(merged), merged.getDigest()), id);
        } else {
            WireLog.LOG.debug("A merge to {} is cancelled: {} did not reply.", merged.getView(), missing);
            merging.includeNextTime(missing);
            sendMergeCancelledMessage(parts, id);
        }
    }

    /**
     * The merged view with a number of its own. Its coordinator gives the number of JGroups, the next one, to a member that
     * joins meanwhile. Two views of one id would count as the same, and their members would stay apart for ever.
     */
    private static View numbered(MergeData merged) {
        MergeView view = (MergeView) merged.getView();
        long number = view.getViewId().getId() + 1 + ThreadLocalRandom.current().nextInt(MAX_GAP);
        return new MergeView(view.getCreator(), number, view.getMembers(), view.getSubgroups());
    }

    /** The expected members without a peer in the merged view. A node that left and returned may be in two parts. */
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
        if (now - endedAt > SERIES_NANOS) {
            waitedNanos = 0;
        }
        endedAt = now;
        waitedNanos += now - begunAt;
        boolean does = whole || (several && waitedNanos > exclusionNanos);
        if (does) {
            waitedNanos = 0;
        }
        return does;
    }

    /**
     * Sends to all that were asked, because a member whose reply was late waits for this merge; to this node last,
     * because that ends the merge here.
     */
    @Override
    protected void sendMergeCancelledMessage(Collection<Address> parts, MergeId id) {
        Set<Address> all = new LinkedHashSet<>(parts);
        synchronized (this) {
            all.addAll(ids.keySet());
        }
        all.remove(membership.getAddress());
        all.add(membership.getAddress());
        super.sendMergeCancelledMessage(all, id);
        merging.sendInfoSoon();
    }

    /**
     * Ends a merge in the whole part: its members would refuse others for ten seconds. The id is remembered, so that a
     * late request of this merge does not begin it again.
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
        View view = membership.view();
        if (current
                && view != null
                && view.size() > 1
                && membership.getAddress().equals(view.getCoord())) {
            membership
                    .getDownProtocol()
                    .down(new EmptyMessage()
                            .putHeader(membership.getId(), new GMS.GmsHeader(GMS.GmsHeader.CANCEL_MERGE).mergeId(id)));
        }
    }
}
