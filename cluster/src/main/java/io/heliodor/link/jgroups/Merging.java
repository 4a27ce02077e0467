package io.heliodor.link.jgroups;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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

    private final AtomicLong answered = new AtomicLong(System.nanoTime() - ANSWER_PAUSE_NANOS);
    private final AtomicBoolean comparing = new AtomicBoolean();
    private volatile boolean quiet;

    Merging() {
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
        // A later view of a member may be one without this node, which nobody tells.
        if (mine != null && (!mine.containsMember(sender) || viewId.compareTo(mine.getViewId()) > 0)) {
            meet(sender, name, physicalAddress);
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
        if (!quiet && !isMergeRunning()) {
            checkInconsistencies();
        }
    }
}
