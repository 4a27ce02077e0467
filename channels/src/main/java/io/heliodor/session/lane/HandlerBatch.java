package io.heliodor.session.lane;

import io.heliodor.batch.WakeBatch;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The channels that became ready in one turn of a lane, run one after the other by one virtual thread. Waking threads is the
 * main cost of a small message, so one wake-up serves all of them, in both directions.
 *
 * <p>When the present handler blocks, {@link #releaseIfStuck} gives each channel that did not begin a thread of its own. The
 * batch and the lane take channels from one shared index, so none runs twice.
 */
public final class HandlerBatch implements Runnable {
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-channels").factory();

    private final Lane lane;
    private final List<? extends Runnable> channels;
    private final AtomicInteger next = new AtomicInteger();
    private int lastSeen = -1;

    /** Over when it has ended, or its present handler is stuck. */
    private final WakeBatch wakes = new WakeBatch();

    HandlerBatch(Lane lane, List<? extends Runnable> channels) {
        this.lane = lane;
        this.channels = channels;
    }

    static void startAlone(Runnable channel) {
        THREADS.newThread(channel).start();
    }

    /** Whether its writes wake the lane at its end. Not for a batch of one, whose handler is not watched. */
    boolean deferring() {
        return channels.size() > 1;
    }

    @Override
    public void run() {
        lane.batchBegins();
        if (!deferring()) {
            work();
            return;
        }
        try {
            wakes.during(this::work);
        } finally {
            try {
                startTheRest();
                wakes.end();
            } finally {
                lane.batchEnded();
            }
        }
    }

    /** Starts those that no thread has taken: behind a handler that blocks, or whose channel has failed. */
    private void startTheRest() {
        for (int i = next.getAndIncrement(); i < channels.size(); i = next.getAndIncrement()) {
            startAlone(channels.get(i));
        }
    }

    private void work() {
        for (int i = next.getAndIncrement(); i < channels.size(); i = next.getAndIncrement()) {
            channels.get(i).run();
        }
    }

    /** Gives channels that wait behind a blocked handler threads of their own. Returns true if it need not be called again. */
    boolean releaseIfStuck() {
        if (wakes.isOver()) {
            return true;
        }
        int present = next.get();
        if (present != lastSeen) {
            lastSeen = present;
            // Others need not wait for all handlers of a long batch.
            wakes.wakeDue();
            return false;
        }
        // Before the lane is woken: later writes of the handler that blocks must wake it themselves.
        wakes.end();
        startTheRest();
        lane.signal();
        return true;
    }
}
