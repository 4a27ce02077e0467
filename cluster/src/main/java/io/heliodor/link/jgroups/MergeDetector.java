package io.heliodor.link.jgroups;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.ViewId;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.PingData;
import org.jspecify.annotations.Nullable;

/**
 * MERGE3, which finds parts of the cluster with other views, but without waiting for its interval: a node that receives the view id of
 * a node outside its view replies at once and compares views. It would do as it is if it had a property for that, ran one comparison
 * at a time, and stopped before a leave: {@code docs/design/jgroups.md}.
 */
final class MergeDetector extends MERGE3 {
    private static final long REPLY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long COMPARE_AFTER_MILLIS = 100;
    private static final long MIN_PAUSE_MILLIS = 1_000;

    private final AtomicLong replied = new AtomicLong(System.nanoTime() - REPLY_PAUSE_NANOS);
    private final AtomicBoolean comparing = new AtomicBoolean();
    private final Lock comparison = new ReentrantLock();
    private final Detour detour;
    private final long silenceNanos;

    /** Whether this node is about to send its view id. */
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** Doubled with each attempt until there is another view. */
    private volatile long pauseMillis = MIN_PAUSE_MILLIS;

    private final AtomicReference<Set<Address>> extra = new AtomicReference<>(Set.of());
    private volatile boolean quiet;

    /** The view of this node if its coordinator has left it: has another view, or another address since it returned. */
    private volatile @Nullable ViewId abandoned;

    /**
     * A detector for a stack.
     *
     * @param detour records the members from which packets come
     * @param exclusionTimeout the time without a message after which a member counts as lost
     */
    MergeDetector(Detour detour, Duration exclusionTimeout) {
        this.detour = detour;
        this.silenceNanos = exclusionTimeout.toNanos();
        setId(ClassConfigurator.getProtocolId(MERGE3.class));
    }

    /** A disconnect drops scheduled tasks, so the flags must be cleared or nothing would be scheduled again. */
    @Override
    public void start() throws Exception {
        comparing.set(false);
        scheduled.set(false);
        super.start();
    }

    /** Stops or resumes the exchange of view ids; a node that is about to leave stops it. */
    void quiet(boolean on) {
        quiet = on;
    }

    @Override
    protected @Nullable Object handle(MergeHeader header, Message message) {
        return quiet ? null : super.handle(header, message);
    }

    @Override
    protected void sendInfoMessage(@Nullable PingData to) {
        if (!quiet) {
            super.sendInfoMessage(to);
        }
    }

    @Override
    protected void addInfo(
            Address sender, ViewId viewId, @Nullable String name, @Nullable PhysicalAddress physicalAddress) {
        super.addInfo(sender, viewId, name, physicalAddress);
        View mine = view;
        if (mine != null) {
            noteCoordinator(mine, sender, viewId);
        }
        // A later view of a member may be one without this node, which this node would not get.
        if (mine != null && (!mine.containsMember(sender) || viewId.compareTo(mine.getViewId()) > 0)) {
            replyAndCompare(sender, name, physicalAddress);
        }
    }

    private void noteCoordinator(View mine, Address sender, ViewId viewId) {
        Address coordinator = mine.getCoord();
        if (sender.equals(coordinator)) {
            // During the installation of a view it may have the next one already, or still the former one.
            abandoned = viewId.equals(mine.getViewId()) ? null : mine.getViewId();
        } else if (Objects.equals(PeerAddresses.peer(sender), PeerAddresses.peer(coordinator))) {
            abandoned = mine.getViewId();
        }
    }

    /** Whether the coordinator of the view is alive and has the same view, as far as this node knows. */
    boolean hasCoordinator() {
        View mine = view;
        return mine != null && !mine.getViewId().equals(abandoned) && detour.reaches(mine.getCoord(), silenceNanos);
    }

    /** Includes the views of these members, and not only of coordinators, in the next comparison. */
    void includeNextTime(Set<Address> members) {
        extra.set(members);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            pauseMillis = MIN_PAUSE_MILLIS;
        }
        return super.down(event);
    }

    /**
     * Sends the view id after a random pause, so that merge leaders that collide do not collide again. The pause is 0.1
     * to 1.1 s at first, and doubles up to the interval of MERGE3.
     */
    void sendInfoSoon() {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        long pause = pauseMillis;
        pauseMillis = Math.min(2 * pause, max_interval);
        var _ = timer.schedule(
                this::sendInfoNow,
                COMPARE_AFTER_MILLIS + ThreadLocalRandom.current().nextLong(pause),
                TimeUnit.MILLISECONDS,
                true);
    }

    private void sendInfoNow() {
        scheduled.set(false);
        if (!quiet && view != null) {
            sendInfo();
        }
    }

    private void replyAndCompare(Address sender, @Nullable String name, @Nullable PhysicalAddress physicalAddress) {
        long last = replied.get();
        long now = System.nanoTime();
        if (physicalAddress != null && now - last >= REPLY_PAUSE_NANOS && replied.compareAndSet(last, now)) {
            sendInfoMessage(new PingData(sender, true, name, physicalAddress));
        }
        if (comparing.compareAndSet(false, true)) {
            var _ = timer.schedule(this::compare, COMPARE_AFTER_MILLIS, TimeUnit.MILLISECONDS, true);
        }
    }

    private void compare() {
        comparing.set(false);
        if (!quiet && !isMergeRunning() && comparison.tryLock()) {
            try {
                extra.getAndSet(Set.of()).forEach(member -> super.addInfo(member, new ViewId(member, 0), null, null));
                if (isApart()) {
                    sendInfoSoon();
                }
                checkInconsistencies();
            } finally {
                comparison.unlock();
            }
        }
    }

    private boolean isApart() {
        View mine = view;
        synchronized (views) {
            return mine != null && views.values().stream().anyMatch(id -> !id.equals(mine.getViewId()));
        }
    }

    /** Replaces the task of JGroups, which could take the views for which {@link #compare} waits. */
    @Override
    protected synchronized void startViewConsistencyChecker() {
        stopViewConsistencyChecker();
        view_consistency_checker = timer.scheduleWithFixedDelay(
                this::compare, check_interval, check_interval, TimeUnit.MILLISECONDS, true);
    }
}
