package io.heliodor.session;

import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The channels that became ready in one turn, run one after the other by one virtual thread: waking threads is what
 * handing over costs, so one wake-up serves all, there and back.
 *
 * <p>The way out: when the present handler blocks, {@link #releasedOrDone} gives each channel that did not begin a
 * thread of its own. Owner and releaser take channels from one shared index, so none runs twice.
 */
final class Batch implements Runnable {
    private static final ScopedValue<Batch> CURRENT = ScopedValue.newInstance();
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-channels").factory();

    private final Lane lane;
    private final List<ChannelProcess<?, ?>> channels;
    private final AtomicInteger next = new AtomicInteger();
    private int seen = -1;
    private volatile boolean over;

    Batch(Lane lane, List<ChannelProcess<?, ?>> channels) {
        this.lane = lane;
        this.channels = channels;
    }

    /** Whether the caller runs in a batch of this lane that wakes the lane at its end. */
    static boolean defers(Lane lane) {
        if (!CURRENT.isBound()) {
            return false;
        }
        Batch batch = CURRENT.get();
        return batch.lane == lane && batch.deferring() && !batch.over;
    }

    static void alone(ChannelProcess<?, ?> channel) {
        THREADS.newThread(channel).start();
    }

    /** A batch of one wakes the lane with each write: nobody shares the wake-up, nobody watches a blocked handler. */
    boolean deferring() {
        return channels.size() > 1;
    }

    void start() {
        THREADS.newThread(this).start();
    }

    @Override
    public void run() {
        ScopedValue.where(CURRENT, this).run(this::work);
    }

    private void work() {
        int i = next.getAndIncrement();
        while (i < channels.size()) {
            channels.get(i).run();
            i = next.getAndIncrement();
        }
        if (deferring()) {
            over = true;
            lane.signal();
        }
    }

    /** Called by the lane while the batch runs, at intervals. True if it needs to be looked at no more. */
    boolean releasedOrDone() {
        if (over) {
            return true;
        }
        int present = next.get();
        if (present != seen) {
            seen = present;
            return false;
        }
        // Writes of the handler that blocks must not wait for its end any more.
        over = true;
        for (int i = next.getAndIncrement(); i < channels.size(); i = next.getAndIncrement()) {
            alone(channels.get(i));
        }
        lane.signal();
        return true;
    }
}
