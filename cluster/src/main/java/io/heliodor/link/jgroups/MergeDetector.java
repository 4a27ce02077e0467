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
 * Finds parts of the cluster with other views, soon: a node that gets the view id of one that is not in its view replies at once and
 * compares views, instead of waiting until it is time to.
 */
final class MergeDetector extends MERGE3 {
    private static final long ANSWER_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long COMPARE_AFTER_MILLIS = 100;
    private static final long SHORT_PAUSE_MILLIS = 1_000;

    private final AtomicLong answered = new AtomicLong(System.nanoTime() - ANSWER_PAUSE_NANOS);
    private final AtomicBoolean comparing = new AtomicBoolean();
    private final Lock comparison = new ReentrantLock();
    private final Detour detour;
    private final long silenceNanos;

    /** This node is about to send its view id. */
    private final AtomicBoolean soon = new AtomicBoolean();

    /** It is doubled with each attempt, until there is another view. */
    private volatile long pauseMillis = SHORT_PAUSE_MILLIS;

    private final AtomicReference<Set<Address>> notAsked = new AtomicReference<>(Set.of());
    private volatile boolean quiet;

    /** The view whose coordinator has another one, or another address since it returned. */
    private volatile @Nullable ViewId astray;

    /**
     * One for a stack.
     *
     * @param detour knows which members are heard
     * @param silence a member from which nothing came for so long is lost
     */
    MergeDetector(Detour detour, Duration silence) {
        this.detour = detour;
        this.silenceNanos = silence.toNanos();
        setId(ClassConfigurator.getProtocolId(MERGE3.class));
    }

    /** A disconnect drops what is scheduled, so it would never be scheduled again. */
    @Override
    public void start() throws Exception {
        comparing.set(false);
        soon.set(false);
        super.start();
    }

    /** Whether all questions and replies about views stop: this node is about to leave. */
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
        // A later view of a member may be one without this node, of which it gets no message.
        if (mine != null && (!mine.containsMember(sender) || viewId.compareTo(mine.getViewId()) > 0)) {
            meet(sender, name, physicalAddress);
        }
    }

    private void noteCoordinator(View mine, Address sender, ViewId viewId) {
        Address coordinator = mine.getCoord();
        if (sender.equals(coordinator)) {
            // While a view is installed it may have the next one already, or still the last one.
            astray = viewId.equals(mine.getViewId()) ? null : mine.getViewId();
        } else if (Objects.equals(PeerAddresses.peer(sender), PeerAddresses.peer(coordinator))) {
            astray = mine.getViewId();
        }
    }

    /** Whether the coordinator of the view has it, too, and is alive, as far as this node knows. */
    boolean hasCoordinator() {
        View mine = view;
        return mine != null && !mine.getViewId().equals(astray) && detour.reaches(mine.getCoord(), silenceNanos);
    }

    /** When views are compared the next time, these members are asked for theirs, not only coordinators. */
    void askNextTime(Set<Address> members) {
        notAsked.set(members);
    }

    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE) {
            pauseMillis = SHORT_PAUSE_MILLIS;
        }
        return super.down(event);
    }

    /** After 0.1 to 1.1 s, by chance, so that leaders that hinder each other get apart; later and later, up to the usual interval. */
    void sendInfoSoon() {
        if (!soon.compareAndSet(false, true)) {
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
        soon.set(false);
        if (!quiet && view != null) {
            sendInfo();
        }
    }

    private void meet(Address sender, @Nullable String name, @Nullable PhysicalAddress physicalAddress) {
        long last = answered.get();
        long now = System.nanoTime();
        if (physicalAddress != null && now - last >= ANSWER_PAUSE_NANOS && answered.compareAndSet(last, now)) {
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
                notAsked.getAndSet(Set.of())
                        .forEach(member -> super.addInfo(member, new ViewId(member, 0), null, null));
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

    /** That of JGroups could compare beside {@link #compare}, and take the views that this one waits for. */
    @Override
    protected synchronized void startViewConsistencyChecker() {
        stopViewConsistencyChecker();
        view_consistency_checker = timer.scheduleWithFixedDelay(
                this::compare, check_interval, check_interval, TimeUnit.MILLISECONDS, true);
    }
}
