package io.heliodor.link.jgroups;

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
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.ViewId;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.PingData;
import org.jspecify.annotations.Nullable;

/**
 * Joins what had been apart, soon: who hears from a node that is not in its view answers at once and compares views,
 * instead of waiting until it is time to.
 */
final class Merging extends MERGE3 {
    private static final long ANSWER_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long COMPARE_AFTER_MILLIS = 100;
    private static final long AGAIN_MILLIS = 1_000;

    private final AtomicLong answered = new AtomicLong(System.nanoTime() - ANSWER_PAUSE_NANOS);
    private final AtomicBoolean comparing = new AtomicBoolean();
    private final Lock one = new ReentrantLock();
    private final Detour detour;
    private final AtomicReference<Set<Address>> asked = new AtomicReference<>(Set.of());
    private volatile boolean quiet;

    /** The view whose coordinator has another one, or another address since it returned. */
    private volatile @Nullable ViewId astray;

    /**
     * One for a stack.
     *
     * @param detour knows which members are heard
     */
    Merging(Detour detour) {
        this.detour = detour;
        setId(ClassConfigurator.getProtocolId(MERGE3.class));
    }

    /** Whether nobody is asked, answered or heard: this node is about to leave. */
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
        if (mine != null && isAstray(mine, sender, viewId)) {
            astray = mine.getViewId();
        }
        // A later view of a member may be one without this node, which nobody tells.
        if (mine != null && (!mine.containsMember(sender) || viewId.compareTo(mine.getViewId()) > 0)) {
            meet(sender, name, physicalAddress);
        }
    }

    private static boolean isAstray(View mine, Address sender, ViewId viewId) {
        Address coordinator = mine.getCoord();
        return sender.equals(coordinator)
                ? !viewId.equals(mine.getViewId())
                : Objects.equals(Addresses.peer(sender), Addresses.peer(coordinator));
    }

    /** Whether the coordinator of the view has it, too, and is alive, as far as this node knows. */
    boolean hasCoordinator() {
        View mine = view;
        return mine != null
                && !mine.getViewId().equals(astray)
                && (!detour.silent(mine.getCoord()) || detour.isAnswered(mine.getCoord()));
    }

    /** Asks these members which view they have when views are compared the next time, and not only coordinators. */
    void ask(Set<Address> members) {
        asked.set(members);
    }

    /** Shortly, by chance: two that cancelled each other's merges must not begin at the same time again. */
    void again() {
        long pause = COMPARE_AFTER_MILLIS + ThreadLocalRandom.current().nextLong(AGAIN_MILLIS);
        var _ = timer.schedule(
                () -> {
                    if (!quiet && view != null) {
                        sendInfo();
                    }
                },
                pause,
                TimeUnit.MILLISECONDS,
                true);
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
        if (!quiet && !isMergeRunning() && one.tryLock()) {
            asked.getAndSet(Set.of()).forEach(member -> super.addInfo(member, new ViewId(member, 0), null, null));
            boolean apart = isApart();
            try {
                checkInconsistencies();
            } finally {
                one.unlock();
            }
            if (apart) {
                again();
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
